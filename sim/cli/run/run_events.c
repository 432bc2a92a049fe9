/* The screen of `mho run`: what the event-driven model of time says. */
#include <string.h>

#include "sim/cli/run/run_view.h"

enum { TEXT = 64, SENTENCE = 512, LABEL = 11 };

/* The busiest of each kind that is worth a word. */
static void print_busiest(const struct event_report *events, const struct screen *screen) {
    char text[SENTENCE] = "";
    for (int kind = 0; kind < RESOURCE_COUNT; kind++) {
        size_t length = strlen(text);
        if (events->use[kind].busiest >= 0.005)
            snprintf(text + length, sizeof text - length, "%s%s %.0f %%", length > 0 ? ", " : "",
                     event_resource_names[kind], 100 * events->use[kind].busiest);
    }
    screen_label(screen, "Busiest");
    screen_wrapped_after(screen, LABEL, text, LABEL);
}

void run_screen_events(const struct run_view *view, const struct screen *screen) {
    const struct event_report *events = &view->result->events;
    char a[TEXT], b[TEXT], reason[SENTENCE];
    if (events->images == 0)
        return;
    screen_label(screen, "By events");
    fprintf(screen->out, "%s%s%s latency, %s inferences/s over %d image%s\n",
            screen_style(screen, STYLE_BOLD),
            unit_format(events->latency_s, UNIT_SECOND, a, sizeof a), screen_reset(screen),
            text_figure(events->throughput_hz, b, sizeof b), events->images,
            events->images == 1 ? "" : "s");
    print_busiest(events, screen);
    pipeline_reason(view->result->cost.latency_s, view->result->cost.throughput_hz, events, reason,
                    sizeof reason);
    if (reason[0] == '\0')
        return;
    screen_label(screen, "Reason");
    screen_wrapped_after(screen, LABEL, reason, LABEL);
}
