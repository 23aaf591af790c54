"""Which pupils live together: siblings are better off with one mentor."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from kongchuo_risk.tables import load_identities
from kongchuo_risk.workspace import Workspace

_GUARDIAN_PHONE = re.compile(r"guardian_\d+_phone")


def households(workspace: Workspace, student_ids: Iterable[str]) -> dict[str, str]:
    """Pupil → household, of pupils who share a guardian's telephone with another of them.

    Telephones are opened only to be compared; what comes out is the smallest pseudonym of the
    household.
    """
    pupils = sorted(set(student_ids))
    numbers: dict[str, list[int]] = {}
    for place, facts in enumerate(map(load_identities(workspace, pupils).get, pupils)):
        for name, phone in (facts or {}).items():
            if _GUARDIAN_PHONE.fullmatch(name):
                numbers.setdefault(phone, []).append(place)
    shared = [(places[0], other) for places in numbers.values() for other in places[1:]]
    if not shared:
        return {}
    first, second = np.array(shared).T
    links = coo_matrix((np.ones(len(first)), (first, second)), shape=(len(pupils),) * 2)
    _, label = connected_components(links, directed=False)
    size = np.bincount(label)
    head = {number: pupils[place] for place, number in reversed(list(enumerate(label)))}
    return {
        pupil: head[number] for pupil, number in zip(pupils, label, strict=True) if size[number] > 1
    }
