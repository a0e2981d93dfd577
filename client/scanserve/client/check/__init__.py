"""Whether a study may be analysed: the acceptance rules of the application whose images it holds, without a server."""

__all__: list[str] = []
