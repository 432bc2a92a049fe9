/* Time by events: every transfer of an image through the chip, with contention.
 *
 * The chip of the analytic model (flow.h), with the figures of section `timing` of its file.
 * One event stands for one position of a map in one tile: its read from the tile's buffer over the
 * bus into input registers, all its array reads, its conversions, sums over the bus to the tile's
 * adders, activation, and its way through routers into the buffers of the tiles that need it.
 * Whoever comes first is served first; what comes at the same time, in the order in which it was
 * asked for, which follows indices alone. Time is in whole picoseconds, each duration rounded once,
 * so a result depends on nothing but its inputs.
 *
 * No deadlock: a position starts only when its inputs are there and a place for its result is
 * reserved in every buffer that it goes to. From then on it waits only for units that serve one
 * transfer at a time and hold it for a bounded time without waiting for another (routers queue
 * without bound, but hold at most what places were reserved for), so it ends. Buffers hold at least
 * what an order on demand of the output needs (flow_least_capacities); as steps are determinate,
 * any order then gets on where that one does. */
#ifndef MHO_TIME_EVENTS_H
#define MHO_TIME_EVENTS_H

#include "sim/chip/floorplan.h"
#include "sim/time/flow.h"

enum event_resource {
    RESOURCE_ARRAYS,     /* of one layer in one tile */
    RESOURCE_CONVERTERS, /* the same */
    RESOURCE_BUFFER,     /* of a tile */
    RESOURCE_BUS,        /* of a tile */
    RESOURCE_ADDERS,     /* of a tile */
    RESOURCE_ACTIVATION, /* of a tile */
    RESOURCE_POOLING,    /* of a tile */
    RESOURCE_ROUTER,     /* one port */
    RESOURCE_LINK,       /* of a chip, one direction */
    RESOURCE_COUNT
};
extern const char *const event_resource_names[]; /* "arrays", ... */

/* How much one kind of resource was used and waited for. */
struct resource_use {
    double busiest;      /* share of the whole time that the busiest one worked, 0..1 */
    double waited_s;     /* by all transfers of all images, together */
    double longest_s;    /* by a transfer of the layer that waited longest, on average, */
    const char *waiting; /* and its name, that of the layer before a pool or join, or "input";
                            NULL: nobody waited */
    double
        way_worked_s; /* on the way to the first image's end: the chain of events of which each */
    double way_waited_s; /* led to the next; over all kinds they add up to the latency */
};

struct event_report {
    enum chip_pipeline pipeline;
    int images;
    double latency_s;     /* from the first bit of the first image to the last of its result */
    double throughput_hz; /* between the ends of the first and the last image; 1 / latency of one */
    long events;
    struct resource_use use[RESOURCE_COUNT];
    double blocked_s; /* layers whose inputs were there, while buffers had no room for results */
    double buffer_bytes, fullest_bytes; /* of a tile; the least that the fullest tile must hold */
};

/* Refuses chips whose file has no section `timing`. */
enum status pipeline_events_check(const struct chip *chip, struct diagnostic *diag);

/* Sends `images` (>= 1) images through a mapped network that lies as `plan` says (NULL: in order).
 * `timings`
 * [n_layers]. Cost: events * log(events under way); some ten events for each position and tile. */
enum status pipeline_events(const struct chip *chip, const struct network *network,
                            const struct mapping *mapping, const struct floorplan *plan,
                            const struct layer_timing *timings, enum chip_pipeline pipeline,
                            int images, struct event_report *events, struct diagnostic *diag);

/* Why the event-driven model differs from the analytic latency and throughput: a sentence for
 * latency and one for throughput, where they differ by more than PIPELINE_AGREEMENT; "" where both
 * agree. */
#define PIPELINE_AGREEMENT 0.1
const char *pipeline_reason(double latency_s, double throughput_hz,
                            const struct event_report *events, char *buffer, size_t size);

#endif
