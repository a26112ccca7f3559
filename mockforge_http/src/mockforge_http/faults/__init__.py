"""What goes wrong on purpose by the settings: latency, failures, rate limits.

:class:`~mockforge_http.faults.pipeline.FaultyPipeline` stands in the place of the pipeline where any of them
is configured, so that nothing of this costs anything where none is. What a fault does to an answer is the
wire's business (:mod:`mockforge_http.wire.faults`).
"""
