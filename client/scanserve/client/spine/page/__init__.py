"""The page on which a reader corrects corners: a film on a canvas, and one small request for every correction.

    messages.py   what a browser sends
    workbench.py  one film that is corrected: settle, measure, save
    routes.py     the addresses of a workbench, for this page and for that of a node
    app.py        the page of one film on loopback, behind a token
    serve.py      its server, for as long as a command runs

The page needs Starlette and uvicorn, which come with the extra ``node``; importing this package loads neither.
"""

__all__: list[str] = []
