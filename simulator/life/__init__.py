"""A plant whose machines wear out over years, with its truth kept apart from its stream.

`first` (to tune on) and `second` (to judge by) describe two plants of different equations and know nothing of each other.
"""
