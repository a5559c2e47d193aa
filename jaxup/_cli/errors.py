"""What stops one picture and not the command."""


class PictureError(Exception):
    """A picture that cannot be read, made or written; its text is one line for the user."""


def reason(error: Exception) -> str:
    """Returns what an exception says, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return " ".join(str(error).split()) or type(error).__name__
