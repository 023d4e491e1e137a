"""Answer over HTTP: the application, its batcher and its processes. Reads model directories, never trains.

    limits, keys, body, problems   what is let in, and how the rest is refused
    batcher                        concurrent requests share the engine
    holder                         the model that answers, exchanged while requests run
    service                        the parts together; what the routes call
    predict, explain, stream, score, inference_protocol, pages   the routes
    gate, metrics                  around every route: who may ask, what is counted
    app, connection, process, supervisor   how it runs

`verbs/serve.py` starts it. Needs the extra `serve`.
"""
