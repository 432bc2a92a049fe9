/* Between the files of the event-driven model: what lies where, and what is under way. */
#ifndef MHO_TIME_INTERNAL_H
#define MHO_TIME_INTERNAL_H

#include "sim/chip/mesh.h"
#include "sim/time/events.h"

/* A range of channels, first to end; empty where they are equal. */
struct channels {
    int first, end;
};

/* Sums of filters whose other arrays lie in an earlier part: they are completed there. */
struct sum_way {
    int to;     /* part of the same copy */
    int source; /* which of the parts that send it sums this is; 0 is the part itself */
    long filters;
};

/* What one tile has of one copy of a step. Arrays are placed copy by copy, in the order of the
 * first filter that they have, so that most sums are complete in one tile. */
struct part {
    int step, copy;
    int tile;            /* where on the mesh (floorplan_place) */
    struct channels in;  /* that it reads */
    struct channels out; /* that are complete here; empty: none */
    int complete;        /* how many of them are: pruned and scattered filters leave gaps */
    int sources;         /* parts whose sums come together here, itself included */
    struct sum_way *ways;
    int n_ways;
    long read_bits; /* of a position, buffer to registers */
    long sum_bits;  /* macros to tile */
    long adds;      /* additions in this tile */
    int slots;      /* positions that fit the input registers, 1 or 2 */
    double columns; /* most used columns of one macro: they are shifted and added */
};

struct placement {
    struct part *parts;
    int n_parts;
    int *first;  /* [n_steps + 1]: parts of step s are first[s] .. first[s + 1] - 1, copy by copy */
    int *copies; /* [n_steps] */
    int **copy;  /* [n_steps][copies + 1]: parts of each copy, likewise */
    int tiles;   /* that anything lies in */
    int sum_width; /* bits of a sum of columns */
    struct arena arena;
};

/* Places matrix layers where `plan` has them, in macros that they share with no other layer, and
 * the steps between them where the layer before has its results. */
enum status placement_create(const struct chip *chip, const struct flow *flow,
                             const struct mapping *mapping, const struct floorplan *plan,
                             struct placement *placement, struct diagnostic *diag);
void placement_free(struct placement *placement);

/* Channels of input->from, of which there are `channels`, that channels of the step's input are. */
struct channels channels_from(const struct flow_input *input, int channels, struct channels of);

/* How the time of an event came about: what it and the events that it followed from waited for
 * each kind of resource, and were served by it. All of it adds up to the event's time. */
struct way {
    int64_t waited_ps[RESOURCE_COUNT], worked_ps[RESOURCE_COUNT];
};

/* A queue of events, the earliest first, of those of one time the one that was put in first. */
struct event {
    int64_t time_ps;
    uint64_t order; /* set by event_put */
    int64_t position;
    int type, part, edge, target, router;
    struct way way;
};

struct event_queue {
    struct event *heap;
    size_t n, room;
    uint64_t order;
};

/* False on short memory. */
bool event_put(struct event_queue *queue, const struct event *event);
bool event_take(struct event_queue *queue, struct event *event);
void event_queue_free(struct event_queue *queue);

/* Ports of a router lead to four neighbours and one to each of its tiles. */
enum { PORT_OUT = 4 }; /* and one more for each further tile (ISAAC: 8 ports for 4 tiles) */

/* Port that leads from a router towards another one of the same chip, columns first, and the router
 * behind it; PORT_OUT and the router itself where it is there. */
int mesh_port(const struct mesh *mesh, int router, int to, int *next);

/* A map on its way: what an input of a step is in the chip. */
struct target {
    int tile;                  /* whose buffer it goes to */
    struct channels of;        /* channels of the step that makes it */
    int first_copy, last_copy; /* of the step that reads it, that lie in the tile */
    double share;              /* of the positions that the tile wants */
};

struct edge {
    int from, to; /* steps */
    const struct flow_input *input;
    bool order_only;        /* no values pass: a layer waits for the one before, or for one of which
                               it needs no channel */
    struct target *targets; /* none where only the order counts */
    int n_targets;
    int *messages; /* [copies of `from`]: that one position becomes if every target
                      wants it; where only the order counts, parts that compute it */
    int *row_readers, *column_readers; /* first and last row and column of `to`, in turn, whose
                                          windows take one of `from`; NULL: `to` has one copy */
    int64_t capacity;                  /* positions that its buffers hold */
    int64_t arrived, released; /* positions, through all images: whole in all buffers; done with */
    int *missing; /* [capacity] messages of positions that have not arrived, in a ring */
};

struct step_state {
    int *in, *out; /* edges */
    int n_in, n_out;
    int64_t started, total; /* positions, through all images */
    int64_t loaded;         /* in registers, all before included */
    int *unloaded;          /* [ring] parts of positions that are not */
    int64_t ring;
    int64_t blocked_ps; /* since when a position waits for room; -1: none does */
};

struct part_state {
    int held;      /* positions from their start to the end of their array reads */
    int64_t ready; /* positions whose sums are complete */
    int64_t *sums; /* [sources] positions whose sums came */
};

struct resource {
    int64_t free_ps, busy_ps;
};

/* What a router's port sent last, of which it makes copies. */
struct sent {
    int64_t asked_ps, start_ps;
    int64_t position;
    int part, edge;
    long bits;
};

struct waiting {
    int64_t sum_ps;
    long times; /* that a resource was asked for */
};

struct simulation {
    const struct chip *chip;
    const struct flow *flow;
    const struct mapping *mapping;
    const struct floorplan *plan;
    const struct layer_timing *timings;
    struct placement placement;
    struct mesh mesh;
    struct step_state *steps;
    struct part_state *parts;
    struct edge *edges;
    int n_edges;
    struct resource *resources[RESOURCE_COUNT];
    int n_resources[RESOURCE_COUNT];
    struct waiting *waiting[RESOURCE_COUNT]; /* [n_steps] */
    struct sent *sent;                       /* [n_resources[RESOURCE_ROUTER]] */
    double rate[RESOURCE_COUNT];             /* actions a second of a tile's adders, activation and
                                                pooling units, and of a macro's shift-and-adds (under
                                                RESOURCE_CONVERTERS); 0: they take no time */
    int images, finished;
    long *unfinished;     /* [images] messages of its result that are not off the chip */
    int64_t *finished_ps; /* [images] */
    int64_t blocked_ps;   /* sum over steps */
    double fullest_bytes;
    struct event_queue queue;
    long events;
    int64_t now_ps;
    struct way current; /* of the event that happens now */
    struct way way;     /* of the first image's end */
    struct arena arena;
};

/* Messages that are no inputs of a step, instead of an edge. */
enum { TO_HOME = -1, TO_OUTSIDE = -2 };

/* What of a part's results or sums a message carries: channels of a part that lie scattered are
 * taken to be spread evenly. */
long message_bits(const struct simulation *simulation, const struct event *event);

/* Copies of a layer take turns, so a tile of some of them needs what their windows take: whether it
 * takes this position, counted through all images. */
bool tile_wants(const struct simulation *simulation, const struct edge *edge,
                const struct target *target, int64_t position);

/* How many messages a position of edge->from becomes; 0: nobody wants it. */
int count_wanted(const struct simulation *simulation, const struct edge *edge, int64_t position);

/* Parts of a position of edge->from that have results. */
int count_complete(const struct simulation *simulation, const struct edge *edge, int64_t position);

/* Fills the edge's readers, and the shares of its targets. */
enum status find_readers(struct simulation *simulation, struct edge *edge, struct diagnostic *diag);

bool channels_overlap(struct channels a, struct channels b);

/* Everything but the events: places, edges with their buffers, resources. */
enum status simulation_create(struct simulation *simulation, struct diagnostic *diag);
void simulation_free(struct simulation *simulation);

/* All events, until the last image is done. */
enum status simulation_run(struct simulation *simulation, struct diagnostic *diag);

#endif
