-- Views of the results store. They convert SI units where a column's name says so; docs/database.md
-- explains every column. A file of an older schema gets them anew when it is opened.

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

-- Every parameter of every run, as integer, real or text: its own, and those of its experiment's base.
CREATE VIEW param AS
SELECT run_id, key, value FROM parameter
UNION ALL
SELECT r.id AS run_id, b.key AS key, b.value AS value
FROM run AS r
JOIN base_parameter AS b ON b.experiment_id = r.experiment_id
WHERE NOT EXISTS (SELECT 1 FROM parameter AS p WHERE p.run_id = r.id AND p.key = b.key);

-- What no other run of its experiment beats: done runs for which none is at least as accurate, as
-- small and as frugal, and better in one of the three. One row per point (the mean accuracy of its
-- trials); runs without images compete among themselves, by area and energy.
--
-- Comparing all pairs would be quadratic. Two sorts leave few rows first: in `level` those that
-- others of the same accuracy do not beat, in `contender` those that no `champion` beats, the runs
-- of least area times energy among all that are at least as accurate. What a run beats, one that
-- stays beats, too, so that comparing those that stay is exact.
CREATE VIEW pareto AS
WITH point AS MATERIALIZED (
    SELECT
        r.id AS run_id,
        r.experiment_id AS experiment_id,
        mean.value AS accuracy,
        ifnull(mean.value, -1) AS score,
        mean.value IS NULL AS unknown,
        area.value AS area,
        energy.value AS energy
    FROM run AS r
    JOIN metric AS area ON area.run_id = r.id AND area.scope = 'run' AND area.name = 'area_m2'
    JOIN metric AS energy ON energy.run_id = r.id AND energy.scope = 'run' AND energy.name = 'energy_per_inference_j'
    LEFT JOIN metric AS mean ON mean.run_id = r.id AND mean.scope = 'run' AND mean.name = 'accuracy_mean'
    WHERE r.status = 'done' AND r.trial = 0
),
level AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            *,
            min(energy) OVER (same ORDER BY area RANGE UNBOUNDED PRECEDING) AS least,
            min(energy) OVER (same ORDER BY area GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS smaller
        FROM point
        WINDOW same AS (PARTITION BY experiment_id, score)
    )
    WHERE energy <= least AND (smaller IS NULL OR energy < smaller)
),
champion AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            *,
            min(area * energy) OVER (
                PARTITION BY experiment_id, unknown ORDER BY score DESC, area * energy
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS product
        FROM level
    )
    WHERE product IS NULL OR area * energy < product
),
contender AS MATERIALIZED (
    SELECT * FROM level AS p
    WHERE NOT EXISTS (
        SELECT 1 FROM champion AS c
        WHERE c.experiment_id = p.experiment_id AND c.unknown = p.unknown
            AND c.score >= p.score AND c.area <= p.area AND c.energy <= p.energy
            AND (c.score > p.score OR c.area < p.area OR c.energy < p.energy)
    )
)
SELECT
    p.run_id AS run_id,
    e.name AS experiment,
    r.params AS params,
    p.accuracy AS accuracy_mean, -- percent
    p.area * 1e6 AS area_mm2,
    p.energy AS energy_per_inference_j
FROM contender AS p
JOIN run AS r ON r.id = p.run_id
JOIN experiment AS e ON e.id = p.experiment_id
WHERE NOT EXISTS (
    SELECT 1 FROM contender AS o
    WHERE o.experiment_id = p.experiment_id AND o.unknown = p.unknown
        AND o.score >= p.score AND o.area <= p.area AND o.energy <= p.energy
        AND (o.score > p.score OR o.area < p.area OR o.energy < p.energy)
);

-- The best done runs of each crossbar height and resolution asked for. Of equally accurate ones the
-- most frugal, of equally frugal ones the most accurate, then the first.
CREATE VIEW best_per AS
WITH ranked AS (
    SELECT
        r.id AS run_id,
        r.experiment_id AS experiment_id,
        height.value AS rows,
        bits.value AS adc_bits,
        mean.value AS accuracy,
        energy.value AS energy,
        row_number() OVER (
            PARTITION BY r.experiment_id, height.value, bits.value
            ORDER BY mean.value DESC, energy.value IS NULL, energy.value, r.id
        ) AS by_accuracy,
        row_number() OVER (
            PARTITION BY r.experiment_id, height.value, bits.value
            ORDER BY energy.value IS NULL, energy.value, mean.value DESC, r.id
        ) AS by_energy
    FROM run AS r
    JOIN param AS height ON height.run_id = r.id AND height.key = 'crossbar.rows'
    JOIN param AS bits ON bits.run_id = r.id AND bits.key = 'adc.bits'
    LEFT JOIN metric AS mean ON mean.run_id = r.id AND mean.scope = 'run' AND mean.name = 'accuracy_mean'
    LEFT JOIN metric AS energy ON energy.run_id = r.id AND energy.scope = 'run' AND energy.name = 'energy_per_inference_j'
    WHERE r.status = 'done' AND r.trial = 0
)
SELECT
    e.name AS experiment,
    ranked.rows AS rows,
    ranked.adc_bits AS adc_bits, -- a number, or a word such as 'lossless'
    count(*) AS runs,
    max(ranked.accuracy) AS accuracy_best, -- percent
    max(CASE WHEN ranked.by_accuracy = 1 AND ranked.accuracy IS NOT NULL THEN ranked.run_id END) AS accuracy_best_run_id,
    max(CASE WHEN ranked.by_accuracy = 1 AND ranked.accuracy IS NOT NULL THEN ranked.energy END) AS accuracy_best_energy_j,
    min(ranked.energy) AS energy_best_j,
    max(CASE WHEN ranked.by_energy = 1 AND ranked.energy IS NOT NULL THEN ranked.run_id END) AS energy_best_run_id,
    max(CASE WHEN ranked.by_energy = 1 AND ranked.energy IS NOT NULL THEN ranked.accuracy END) AS energy_best_accuracy -- percent
FROM ranked
JOIN experiment AS e ON e.id = ranked.experiment_id
GROUP BY ranked.experiment_id, ranked.rows, ranked.adc_bits;
