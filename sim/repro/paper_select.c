/* Parts of a paper: those whose titles contain a text. */
#include <string.h>

#include "sim/repro/paper.h"

int paper_select(struct paper *paper, const char *text) {
    int comparisons = 0, tables = 0;
    paper->only = text;
    for (int i = 0; i < paper->n_comparisons; i++)
        if (strcasestr(paper->comparisons[i].title, text) != NULL)
            paper->comparisons[comparisons++] = paper->comparisons[i];
    for (int i = 0; i < paper->n_tables; i++)
        if (strcasestr(paper->tables[i].title, text) != NULL)
            paper->tables[tables++] = paper->tables[i];
    paper->n_comparisons = comparisons;
    paper->n_tables = tables;
    return comparisons + tables;
}
