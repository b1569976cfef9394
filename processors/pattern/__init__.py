"""Level 2: what all sensors of an asset say together, one row of features per window. Pure arrays; knows no models, no files.

A row is scaled by what the healthy stretch showed (`scale`), then judged: by its distance in the space the sensors usually
share and beside it (`distance`), or by how rarely its neighbourhood was visited (`halfspace`). `follow` judges rows as they come,
with a memory; `alarm` turns scores into episodes.
"""
