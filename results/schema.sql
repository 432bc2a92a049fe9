-- Schema of the results store, version 5: tables, in SI units. What reads
-- them is results/views.sql.
--
-- An experiment is a base configuration; its runs are design points of it. A run is known by its
-- point hash (experiment, resolved configuration, and the contents of model and data), the version of mho and
-- the trial; ids are only for joins within one file.

PRAGMA application_id = 1835560753; -- "mho1"
PRAGMA user_version = 5;

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

-- What the runs of an experiment have of its base: their own values are in `parameter`. Storing them
-- with every run would take a third of a file of many runs.
CREATE TABLE base_parameter (
    experiment_id INTEGER NOT NULL REFERENCES experiment ON DELETE CASCADE,
    key           TEXT NOT NULL, -- "crossbar.rows"
    value         ANY,           -- integer, real or text
    PRIMARY KEY (experiment_id, key)
) STRICT, WITHOUT ROWID;

-- Files of schema 3 and 4 have all parameters of their runs here.
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
