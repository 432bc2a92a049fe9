#include "sim/screen/share.h"

double share_of(double value, double total) {
    return total > 0 ? value / total : 0;
}

void share_cells(struct table *table, const struct screen *screen, double value, double total,
                 enum unit unit) {
    char text[64], bar[SCREEN_BAR_BYTES];
    double share = share_of(value, total);
    table_cell(table, "%s", value > 0 ? unit_format(value, unit, text, sizeof text) : "-");
    if (value > 0)
        table_cell(table, "%.1f", 100 * share);
    else
        table_cell(table, "%s", "");
    table_cell(table, "%s", screen_bar(screen, share, bar));
}
