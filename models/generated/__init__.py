"""Training corpora made on the spot, equal for equal seeds: what models learn from where no folder of data is given.

They hold what was put into each series and no truth of any plant: nothing here is shared with the simulator that judges agents.
"""
