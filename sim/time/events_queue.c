/* A binary heap of events. */
#include <stdlib.h>

#include "sim/time/events_internal.h"

static bool is_before(const struct event *a, const struct event *b) {
    return a->time_ps != b->time_ps ? a->time_ps < b->time_ps : a->order < b->order;
}

bool event_put(struct event_queue *queue, const struct event *event) {
    if (queue->n == queue->room) {
        size_t room = queue->room > 0 ? 2 * queue->room : 1024;
        struct event *heap = realloc(queue->heap, room * sizeof *heap);
        if (heap == NULL)
            return false;
        queue->heap = heap;
        queue->room = room;
    }
    struct event own = *event;
    own.order = queue->order++;
    size_t at = queue->n++;
    for (; at > 0 && is_before(&own, &queue->heap[(at - 1) / 2]); at = (at - 1) / 2)
        queue->heap[at] = queue->heap[(at - 1) / 2];
    queue->heap[at] = own;
    return true;
}

bool event_take(struct event_queue *queue, struct event *event) {
    if (queue->n == 0)
        return false;
    *event = queue->heap[0];
    struct event last = queue->heap[--queue->n];
    size_t at = 0;
    for (size_t child = 1; child < queue->n; child = 2 * at + 1) {
        if (child + 1 < queue->n && is_before(&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (!is_before(&queue->heap[child], &last))
            break;
        queue->heap[at] = queue->heap[child];
        at = child;
    }
    queue->heap[at] = last;
    return true;
}

void event_queue_free(struct event_queue *queue) {
    free(queue->heap);
    *queue = (struct event_queue){0};
}
