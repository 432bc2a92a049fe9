"""Results of mho as tidy pandas frames, from the SQLite file alone.

    import mho_results as mho
    db = mho.connect("results/mho.db")
    runs = mho.runs(db)          # one row per run: what was varied, then what came out
    layers = mho.layers(db)      # one row per layer and run

Frames that are about runs have the column run_id, by which they join. Tables hold SI units; views
say their units in their columns' names (docs/database.md has the list).
"""

import json
import pathlib
import sqlite3

import pandas as pd

SCHEMAS = (3, 4, 5)  # PRAGMA user_version of the files that this module reads
APPLICATION = 1835560753  # PRAGMA application_id, "mho1"


def connect(path):
    """Opens a database of mho for reading only."""
    path = pathlib.Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such database; `mho run` or `mho sweep` makes one")
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    application = db.execute("PRAGMA application_id").fetchone()[0]
    schema = db.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION:
        raise ValueError(f"{path}: not a database of mho")
    if schema not in SCHEMAS:
        raise ValueError(f"{path}: schema {schema}; this module reads {SCHEMAS}")
    return db


def _frame(db, sql, parameters=()):
    return pd.read_sql_query(sql, db, params=parameters)


def runs(db, experiment=None):
    """One row per run: every parameter that was varied as a column of its own ("crossbar.rows"),
    then the columns of the view run_summary."""
    frame = _frame(
        db,
        "SELECT * FROM run_summary WHERE ?1 IS NULL OR experiment = ?1 ORDER BY run_id",
        (experiment,),
    )
    keys = sorted({key for text in frame.pop("params") for key in json.loads(text)})
    varied = [frame["run_id"].map(parameters(db, key)).rename(key) for key in keys]
    return pd.concat([frame[["run_id", "experiment"]], *varied, frame.drop(columns=["run_id", "experiment"])], axis=1)


def parameters(db, key):
    """A parameter of every run, also where it is the base's: a series by run_id; None: not set."""
    frame = _frame(db, "SELECT run_id, nullif(value, '~') AS value FROM param WHERE key = ?", (key,))
    return frame.set_index("run_id")["value"].rename(key)


def metrics(db, scope="run"):
    """Long form: run_id, name, value, unit of all metrics of a scope."""
    return _frame(db, "SELECT run_id, name, value, unit FROM metric WHERE scope = ?", (scope,))


def layers(db, run_id=None):
    """One row per layer and run: the view layer_summary."""
    return _frame(
        db,
        "SELECT * FROM layer_summary WHERE ?1 IS NULL OR run_id = ?1 ORDER BY run_id, position",
        (run_id,),
    )


def components(db, run_id=None):
    """One row per component, layer and run: area in m2, energy in J of one inference, power in W."""
    return _frame(
        db,
        "SELECT * FROM component WHERE ?1 IS NULL OR run_id = ?1 ORDER BY run_id, position",
        (run_id,),
    )


def claims(db):
    """Published figures beside ours, as `mho repro` stored them."""
    return _frame(db, "SELECT * FROM claim ORDER BY run_id, position")


def front(frame, small=(), large=()):
    """The rows that no other row beats: no worse in any of the columns that shall be small or
    large, and better in one."""
    points = pd.concat([frame[list(small)], -frame[list(large)]], axis=1).to_numpy()
    beaten = [((points <= own).all(axis=1) & (points < own).any(axis=1)).any() for own in points]
    return frame[[not b for b in beaten]]
