"""What importing a layer says where its framework is missing."""


class extra:  # a context manager, named as it reads: `with extra("linen"): import flax.linen`
    """Makes a failed import inside the block name the extra of jaxup to install."""

    def __init__(self, name: str):
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, ImportError):
            missing = isinstance(error, ModuleNotFoundError)
            raise (ModuleNotFoundError if missing else ImportError)(
                f"jaxup.layers.{self.name} could not import its framework ({error}). Install it"
                f" with: pip install 'jaxup[{self.name}]'",
                name=error.name,
                path=error.path,
            ) from error
