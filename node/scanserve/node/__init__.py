"""The node: studies come in over the network, are analysed one after another, and results go back.

Nothing that a node writes outside the results holds a name, a number, a date of birth or other text of a header:
studies are known by number and by keyed digests of their identifiers (:mod:`~scanserve.node.digests`).
"""
