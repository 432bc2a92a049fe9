/* Why two models of time differ, in words. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sim/time/events.h"

/* Text that grows in a buffer; what does not fit is cut off. */
struct text {
    char *buffer;
    size_t size;
};

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...) {
    size_t length = strlen(text->buffer);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text->buffer + length, text->size - length, format, arguments);
    va_end(arguments);
}

static void add_percent(struct text *text, const char *what, double event, double analytic) {
    add(text, "%s is %.0f %% %s the analytic one, for ", what, 100 * fabs(event / analytic - 1),
        event > analytic ? "above" : "below");
}

static double on_way(const struct event_report *events, int kind) {
    return events->use[kind].way_worked_s + events->use[kind].way_waited_s;
}

/* The kind that takes most of the first image's way, but for `other`; arrays and converters are
 * what the analytic model counts. */
static int most_on_way(const struct event_report *events, int other) {
    int most = -1;
    for (int kind = RESOURCE_BUFFER; kind < RESOURCE_COUNT; kind++)
        if (kind != other && (most < 0 || on_way(events, kind) > on_way(events, most)))
            most = kind;
    return most;
}

static void add_way(struct text *text, const struct event_report *events, int kind) {
    const struct resource_use *use = &events->use[kind];
    char all[32], waited[32];
    add(text, "%s %s", event_resource_names[kind],
        unit_format(on_way(events, kind), UNIT_SECOND, all, sizeof all));
    if (use->way_waited_s > 0.05 * on_way(events, kind))
        add(text, " (of it %s waiting)",
            unit_format(use->way_waited_s, UNIT_SECOND, waited, sizeof waited));
}

static void explain_latency(double latency_s, const struct event_report *events,
                            struct text *text) {
    int first = most_on_way(events, -1), second = most_on_way(events, first);
    add_percent(text, "latency", events->latency_s, latency_s);
    if (events->latency_s < latency_s) {
        add(text, "transfers take less than the stages of the pipeline that stand for them");
        return;
    }
    add(text, "its way takes ");
    add_way(text, events, first);
    if (on_way(events, second) > 0.2 * on_way(events, first)) {
        add(text, " and ");
        add_way(text, events, second);
    }
    add(text, " beside its array reads");
}

static int busiest(const struct event_report *events) {
    int most = RESOURCE_ARRAYS;
    for (int kind = 0; kind < RESOURCE_COUNT; kind++)
        if (events->use[kind].busiest > events->use[most].busiest)
            most = kind;
    return most;
}

/* What works most of the time is the bottleneck; where nothing does, layers wait for each other. */
static void explain_throughput(double throughput_hz, const struct event_report *events,
                               struct text *text) {
    int kind = busiest(events);
    double share = events->use[kind].busiest;
    char blocked[32];
    add_percent(text, "throughput", events->throughput_hz, throughput_hz);
    if (events->throughput_hz > throughput_hz)
        add(text, "positions of two images fill the groups of copies that one leaves short, or the "
                  "first image is held up for longer than those behind it");
    else if (share > 0.75)
        add(text, "the busiest %s works %.0f %% of the time", event_resource_names[kind],
            100 * share);
    else
        add(text,
            "layers wait for each other and for room in buffers (%s over all of them), while %s "
            "works most, %.0f %% of the time",
            unit_format(events->blocked_s, UNIT_SECOND, blocked, sizeof blocked),
            event_resource_names[kind], 100 * share);
}

static bool differ(double a, double b) {
    return fabs(a / b - 1) > PIPELINE_AGREEMENT;
}

const char *pipeline_reason(double latency_s, double throughput_hz,
                            const struct event_report *events, char *buffer, size_t size) {
    struct text text = {buffer, size};
    buffer[0] = '\0';
    bool late = differ(events->latency_s, latency_s);
    if (late)
        explain_latency(latency_s, events, &text);
    /* One image at a time: its latency says it all. */
    if (events->pipeline != PIPELINE_LAYERS && differ(events->throughput_hz, throughput_hz)) {
        if (late)
            add(&text, "; ");
        explain_throughput(throughput_hz, events, &text);
    }
    return buffer;
}
