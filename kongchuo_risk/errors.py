"""Errors that a user can act on.

Their text is Chinese, because users read it::

    KongchuoError
    ├── SettingsError        kongchuo.toml, an environment variable or a flag is wrong
    ├── WorkspaceError       the folder is no workspace, is locked, or its key is missing
    ├── ContractError        a file of data_schema/ does not say what it must
    ├── ImportRefusedError   a file cannot be read at all (single bad rows are reported, not raised)
    ├── NotReadyError        the data is not fit for the step that was asked for
    ├── ModelError           a model is missing, damaged, or does not fit the data of the day
    ├── NotFoundError        no such pupil, school or case
    ├── PlanError            a plan cannot be changed or approved as was asked for
    └── CaseError            a case cannot make the move that was asked for

Anything else that is raised is a bug and keeps its traceback.
"""


class KongchuoError(Exception):
    """Base of all errors whose message is written for the user."""


class SettingsError(KongchuoError):
    """A setting is wrong."""


class WorkspaceError(KongchuoError):
    """The workspace is missing, locked or damaged."""


class ContractError(KongchuoError):
    """A file of ``data_schema/`` is wrong; all its mistakes are named at once."""


class ImportRefusedError(KongchuoError):
    """A file cannot be read at all."""


class NotReadyError(KongchuoError):
    """The data is not fit for the step that was asked for."""


class ModelError(KongchuoError):
    """A model is missing, damaged, or does not fit the data of the day."""


class NotFoundError(KongchuoError):
    """There is no such pupil, school or case."""


class PlanError(KongchuoError):
    """A plan cannot be changed or approved as was asked for."""


class CaseError(KongchuoError):
    """A case cannot make the move that was asked for."""
