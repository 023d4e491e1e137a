"""Answer over HTTP: the application, its batcher and its processes. Reads model directories, never trains.

    limits, keys, body, problems   what is let in, and how the rest is refused
    batcher                        concurrent requests share the engine
    holder                         the model that answers, exchanged while requests run
    service                        the parts together; what the routes call
    steps, writing                 long work in short turns; its answers, whole and streamed
    task, tasks                    what the server does with a model of each task
    classify, chat, generate, translate, tag   a task each, with its routes
    predict, explain, stream, score, inference_protocol   the routes of classify
    pages                          the page, the model, the report, for every task
    gate, metrics                  around every route: who may ask, what is counted
    app, connection, process, supervisor   how it runs

`verbs/serve.py` starts it. Needs the extra `serve`.
"""
