"""The gate: a small process in front of Triton's gRPC port that lets through only what the contracts allow.

It reads the head of a request (names, types, shapes, byte counts), never the voxels, and writes the request
anew from what it has checked, so that Triton parses nothing that the gate did not understand.  Volumes go on in
shared memory.  Of each model a bounded number of requests is under way and waiting; the others are refused at
once and told when to come back.

The modules, in the order in which a request meets them: ``service`` (gRPC), ``wire`` and ``head`` (parsing),
``rules`` and ``values`` (checking), ``regions`` (clients' shared memory), ``admission`` (whose turn it is),
``uploads`` and ``message`` (what Triton gets), ``upstream`` (Triton).
"""
