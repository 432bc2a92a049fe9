-- Schema of the results store, version 3. Tables hold SI units; the views convert where their
-- columns say so. DESIGN.md, "Results store".
--
-- An experiment is a base configuration; its runs are design points of it. A run is known by its
-- point hash (experiment, resolved configuration, and the contents of model and data), the version of mho and
-- the trial; ids are only for joins within one file.

PRAGMA application_id = 1835560753; -- "mho1"
PRAGMA user_version = 3;

CREATE TABLE experiment (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    hash   TEXT NOT NULL, -- of the base configuration
    config TEXT NOT NULL, -- the base configuration as YAML
    UNIQUE (name, hash)
) STRICT;

CREATE TABLE run (
    id             INTEGER PRIMARY KEY,
    experiment_id  INTEGER NOT NULL REFERENCES experiment ON DELETE CASCADE,
    point_hash     TEXT NOT NULL,
    version        TEXT NOT NULL,
    trial          INTEGER NOT NULL, -- from 0; all trials of a point are written together
    seed           INTEGER NOT NULL,
    "commit"       TEXT NOT NULL,
    host           TEXT NOT NULL,
    libraries      TEXT NOT NULL, -- JSON object of name to version
    model_hash     TEXT NOT NULL,
    data_hash      TEXT,          -- NULL: no data was read
    status         TEXT NOT NULL CHECK (status IN ('done', 'failed')),
    error          TEXT,
    started_unix_s REAL NOT NULL,
    wall_s         REAL NOT NULL,
    -- JSON object of the parameters that differ from the experiment's base: kept because building it
    -- from `parameter` takes a third of the time of run_summary over many runs.
    params         TEXT NOT NULL DEFAULT '{}',
    UNIQUE (point_hash, version, trial)
) STRICT;
CREATE INDEX run_by_experiment ON run (experiment_id);

-- The resolved configuration, from which the run can be repeated. A table of its own keeps the rows
-- of `run` short, which every view scans.
CREATE TABLE run_config (
    run_id INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE,
    yaml   TEXT NOT NULL
) STRICT;

CREATE TABLE parameter (
    run_id  INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    key     TEXT NOT NULL,    -- "crossbar.rows"
    value   ANY,              -- integer, real or text
    differs INTEGER NOT NULL, -- 1: not the base's value
    PRIMARY KEY (run_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE metric (
    run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    scope  TEXT NOT NULL, -- 'run', or a layer's name
    name   TEXT NOT NULL, -- "latency_s"
    value  REAL NOT NULL,
    unit   TEXT NOT NULL, -- "s"; '' for a plain number
    PRIMARY KEY (run_id, scope, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE layer (
    run_id          INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    position        INTEGER NOT NULL, -- from 0, in the order of execution
    name            TEXT NOT NULL,
    kind            TEXT NOT NULL,    -- "conv", "grouped", "depthwise", "fc"
    rows            INTEGER NOT NULL, -- of the weight matrix of one group
    columns         INTEGER NOT NULL,
    groups          INTEGER NOT NULL,
    positions       INTEGER NOT NULL, -- output positions of one image
    macs            REAL NOT NULL,
    weights         INTEGER NOT NULL,
    nonzero_weights INTEGER NOT NULL,
    crossbars       INTEGER NOT NULL, -- of all copies
    copies          INTEGER NOT NULL, -- of the layer, for positions of their own
    row_blocks      INTEGER NOT NULL,
    utilisation     REAL NOT NULL,    -- 0 to 1
    adc_bits        INTEGER NOT NULL,
    lossless_bits   INTEGER NOT NULL,
    structural_bits INTEGER NOT NULL,
    worst_bits      INTEGER NOT NULL,
    largest_sum     INTEGER NOT NULL,
    bits_set_by     TEXT,             -- what sets the lossless bits
    path            TEXT,             -- how the layer was computed
    device          TEXT,             -- name of the device of its cells
    activity        REAL NOT NULL,
    conversions     REAL NOT NULL,    -- of one image
    area_m2         REAL NOT NULL,
    energy_j        REAL NOT NULL,    -- of one image
    time_s          REAL NOT NULL,    -- of one image
    buffer_bytes    REAL NOT NULL,    -- of its input that it needs to start
    map_bytes       REAL NOT NULL,    -- of its whole input map
    clipping_rate   REAL,             -- 0 to 1, on calibration images; NULL: not measured
    sqnr_db         REAL,             -- the same; NULL also where no sum was changed
    PRIMARY KEY (run_id, position),
    UNIQUE (run_id, name)
) STRICT, WITHOUT ROWID;

-- How often bit lines gave each sum, over adc.calibration_images images; no row: never. Sums are
-- those of converters that lose nothing.
CREATE TABLE histogram (
    run_id   INTEGER NOT NULL,
    position INTEGER NOT NULL, -- of the layer
    sum      INTEGER NOT NULL,
    count    INTEGER NOT NULL, -- conversions
    PRIMARY KEY (run_id, position, sum),
    FOREIGN KEY (run_id, position) REFERENCES layer (run_id, position) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE component (
    run_id       INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    position     INTEGER NOT NULL, -- from 0, in the order of the report
    layer        TEXT,             -- NULL: shared by all layers
    level        TEXT NOT NULL,    -- "chip", "tile", "macro" or "array": whose part it is
    component    TEXT NOT NULL,
    model        TEXT,
    source       TEXT,
    count        REAL NOT NULL,
    actions      REAL NOT NULL,    -- of one image
    area_m2      REAL NOT NULL,
    energy_j     REAL NOT NULL,    -- of one image
    power_peak_w REAL NOT NULL,
    leakage_w    REAL NOT NULL,
    PRIMARY KEY (run_id, position),
    FOREIGN KEY (run_id, layer) REFERENCES layer (run_id, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX component_by_layer ON component (run_id, layer);

-- What `mho repro` compared: published figures beside ours. Such runs are in experiments
-- `repro-NAME`, and their configuration is the paper's file.
CREATE TABLE claim (
    run_id         INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    position       INTEGER NOT NULL, -- from 0, in the order of the paper's file
    published_in   TEXT NOT NULL,    -- title of the table
    source         TEXT NOT NULL,
    what           TEXT NOT NULL,
    published      REAL NOT NULL,    -- in `unit`, as the next three
    ours           REAL,             -- NULL: nothing models it, or it was skipped
    low            REAL,             -- the band; NULL: no limit on that side
    high           REAL,
    unit           TEXT NOT NULL,    -- '' for a plain number
    verdict        TEXT NOT NULL CHECK (verdict IN ('ok', 'out', 'claim', 'skipped')),
    note           TEXT,
    PRIMARY KEY (run_id, position)
) STRICT, WITHOUT ROWID;

-- One row per run, that is, per trial of a point (WHERE trial = 0: per point). Joins by primary key,
-- not one aggregate over all metrics: six times faster over 10,000 runs, and SQLite leaves out the
-- joins of columns that a query does not name.
CREATE VIEW run_summary AS
SELECT
    r.id AS run_id,
    e.name AS experiment,
    r.params AS params,
    r.status AS status,
    top1.value AS accuracy_top1, -- percent
    ideal.value AS accuracy_ideal, -- percent
    CAST(images.value AS INTEGER) AS images,
    area.value * 1e6 AS area_mm2, -- used
    area_chip.value * 1e6 AS area_chip_mm2,
    peak.value AS power_w, -- peak
    average.value AS power_average_w,
    energy.value AS energy_per_inference_j,
    latency.value AS latency_s,
    throughput.value AS throughput_ips,
    gops.value AS gops,
    per_w.value AS gops_per_w,
    per_mm2.value AS gops_per_mm2,
    CAST(crossbars.value AS INTEGER) AS crossbars,
    CAST(dense.value AS INTEGER) AS crossbars_dense,
    saving.value AS crossbar_saving,
    compression.value AS compression_ratio,
    CAST(nonzero.value AS INTEGER) AS nonzero_weights,
    CAST(bits_max.value AS INTEGER) AS adc_bits_max,
    bits_mean.value AS adc_bits_mean,
    r.wall_s AS wall_s,
    r.trial AS trial,
    mean.value AS accuracy_mean, -- percent, over all trials of the point
    std.value AS accuracy_std -- standard deviation of the same; NULL for one trial
FROM run AS r
JOIN experiment AS e ON e.id = r.experiment_id
LEFT JOIN metric AS top1 ON top1.run_id = r.id AND top1.scope = 'run' AND top1.name = 'accuracy_top1'
LEFT JOIN metric AS ideal ON ideal.run_id = r.id AND ideal.scope = 'run' AND ideal.name = 'accuracy_ideal'
LEFT JOIN metric AS images ON images.run_id = r.id AND images.scope = 'run' AND images.name = 'images'
LEFT JOIN metric AS area ON area.run_id = r.id AND area.scope = 'run' AND area.name = 'area_m2'
LEFT JOIN metric AS area_chip ON area_chip.run_id = r.id AND area_chip.scope = 'run' AND area_chip.name = 'area_chip_m2'
LEFT JOIN metric AS peak ON peak.run_id = r.id AND peak.scope = 'run' AND peak.name = 'power_peak_w'
LEFT JOIN metric AS average ON average.run_id = r.id AND average.scope = 'run' AND average.name = 'power_average_w'
LEFT JOIN metric AS energy ON energy.run_id = r.id AND energy.scope = 'run' AND energy.name = 'energy_per_inference_j'
LEFT JOIN metric AS latency ON latency.run_id = r.id AND latency.scope = 'run' AND latency.name = 'latency_s'
LEFT JOIN metric AS throughput ON throughput.run_id = r.id AND throughput.scope = 'run' AND throughput.name = 'throughput_ips'
LEFT JOIN metric AS gops ON gops.run_id = r.id AND gops.scope = 'run' AND gops.name = 'gops'
LEFT JOIN metric AS per_w ON per_w.run_id = r.id AND per_w.scope = 'run' AND per_w.name = 'gops_per_w'
LEFT JOIN metric AS per_mm2 ON per_mm2.run_id = r.id AND per_mm2.scope = 'run' AND per_mm2.name = 'gops_per_mm2'
LEFT JOIN metric AS crossbars ON crossbars.run_id = r.id AND crossbars.scope = 'run' AND crossbars.name = 'crossbars'
LEFT JOIN metric AS dense ON dense.run_id = r.id AND dense.scope = 'run' AND dense.name = 'crossbars_dense'
LEFT JOIN metric AS saving ON saving.run_id = r.id AND saving.scope = 'run' AND saving.name = 'crossbar_saving'
LEFT JOIN metric AS compression ON compression.run_id = r.id AND compression.scope = 'run' AND compression.name = 'compression_ratio'
LEFT JOIN metric AS nonzero ON nonzero.run_id = r.id AND nonzero.scope = 'run' AND nonzero.name = 'nonzero_weights'
LEFT JOIN metric AS bits_max ON bits_max.run_id = r.id AND bits_max.scope = 'run' AND bits_max.name = 'adc_bits_max'
LEFT JOIN metric AS bits_mean ON bits_mean.run_id = r.id AND bits_mean.scope = 'run' AND bits_mean.name = 'adc_bits_mean'
LEFT JOIN metric AS mean ON mean.run_id = r.id AND mean.scope = 'run' AND mean.name = 'accuracy_mean'
LEFT JOIN metric AS std ON std.run_id = r.id AND std.scope = 'run' AND std.name = 'accuracy_std';

-- One row per layer and run.
CREATE VIEW layer_summary AS
SELECT
    l.run_id AS run_id,
    e.name AS experiment,
    l.position AS position,
    l.name AS layer,
    l.kind AS kind,
    l.rows AS rows,
    l.columns AS columns,
    l.groups AS groups,
    l.positions AS positions,
    l.macs AS macs,
    l.weights AS weights,
    l.nonzero_weights AS nonzero_weights,
    CASE WHEN l.weights > 0 THEN 1.0 - 1.0 * l.nonzero_weights / l.weights END AS sparsity,
    l.crossbars AS crossbars,
    l.copies AS copies,
    l.row_blocks AS row_blocks,
    l.utilisation AS utilisation,
    l.adc_bits AS adc_bits,
    l.lossless_bits AS lossless_bits,
    l.structural_bits AS structural_bits,
    l.worst_bits AS worst_bits,
    l.largest_sum AS largest_sum,
    l.bits_set_by AS bits_set_by,
    l.path AS path,
    l.device AS device,
    l.activity AS activity,
    l.conversions AS conversions,
    l.area_m2 * 1e6 AS area_mm2,
    l.energy_j AS energy_j,
    l.time_s AS time_s,
    l.buffer_bytes AS buffer_bytes,
    l.map_bytes AS map_bytes,
    l.clipping_rate AS clipping_rate,
    l.sqnr_db AS sqnr_db
FROM layer AS l
JOIN run AS r ON r.id = l.run_id
JOIN experiment AS e ON e.id = r.experiment_id;

-- Share of a layer's sums that a converter of `bits` bits with the transfer clip would cut off, for
-- any resolution without a new run. Of the first layer, whose inputs no converter has touched, it is
-- what those images give (exact = 1); in later layers clipping would change the sums too.
CREATE VIEW clipping AS
WITH resolution (bits) AS (
    VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16)
)
SELECT
    l.run_id AS run_id,
    l.position AS position,
    l.name AS layer,
    resolution.bits AS bits,
    (SELECT total(CASE WHEN h.sum >= 1 << resolution.bits THEN h.count END) / total(h.count)
     FROM histogram AS h WHERE h.run_id = l.run_id AND h.position = l.position) AS rate,
    l.position = 0 AS exact
FROM layer AS l CROSS JOIN resolution
WHERE EXISTS (SELECT 1 FROM histogram AS h WHERE h.run_id = l.run_id AND h.position = l.position);

-- Every parameter of every run, as integer, real or text.
CREATE VIEW param AS
SELECT run_id, key, value FROM parameter;
