"""What is shown of an inventory, and said of it."""

import numpy as np

from dlboi.reporting import Table
from dlboi.reporting._words import counted, named


def inventory_tables(inventory) -> tuple[Table, ...]:
    """Return tables of counts, of files where there are any, and of the patient key.

    Parameters
    ----------
    inventory : Inventory
        The inventory.

    Returns
    -------
    tuple of Table
    """
    tables = [_by_class(inventory), _by_part(inventory)]
    if inventory.files is not None and any(facts.is_read.any() for facts in inventory.files):
        tables.append(_of_files(inventory))
    if inventory.group_check is not None:
        tables += inventory.group_check.tables
    return tuple(tables)


def inventory_notes(inventory) -> tuple[str, ...]:
    """Return what is to be known of the counts, in sentences.

    Parameters
    ----------
    inventory : Inventory
        The inventory.

    Returns
    -------
    tuple of str
    """
    notes = []
    absent = [
        f"{name} in {part}"
        for part, counts in zip(inventory.part_names, inventory.n_images, strict=True)
        for name, n in zip(inventory.class_names, counts, strict=True)
        if n == 0
    ]
    if absent:
        notes.append(f"There is no image of {', '.join(absent)}.")
    if inventory.group_check is None:
        notes.append(
            "Patients are not known: whether a patient is in both parts cannot be told, nor how "
            "many independent images there are. infer_groups proposes patients from file names."
        )
    else:
        notes += _of_patients(inventory)
    return (*notes, *_of_missing(inventory))


def _by_class(inventory):
    columns = {"part": [], "class": [], "images": [], "share": [], "patients": []}
    rows = zip(inventory.part_names, inventory.n_images, inventory.n_patients, strict=True)
    for part, images, patients in rows:
        for name, n, n_patients in zip(inventory.class_names, images, patients, strict=True):
            row = (part, name, int(n), float(n / images.sum()), _whole(n_patients))
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    return Table(columns, "Images and patients by part and class")


def _by_part(inventory):
    n_images = inventory.n_images.sum(axis=1)
    columns = {
        "part": list(inventory.part_names),
        "images": n_images.tolist(),
        "patients": [_whole(n) for n in inventory.total_patients],
        "images a patient": (n_images / inventory.total_patients).tolist(),
        "at most": [_whole(n) for n in inventory.largest_patient],
        "effective patients": inventory.effective_patients.tolist(),
        "effective images": inventory.effective_images.tolist(),
        "images of patients in both parts": list(inventory.n_shared_images),
    }
    if inventory.group_check is None:
        columns["images of patients in both parts"] = [None, None]
    return Table(columns, "Images and patients by part, with effective numbers after Kish")


def _of_files(inventory):
    columns = {"part": [], "files": [], "of the file": [], "median": [], "least": [], "most": []}
    for part, facts in zip(inventory.part_names, inventory.files, strict=True):
        if not facts.is_read.any():
            continue
        measures = {
            "height": facts.height,
            "width": facts.width,
            "width over height": facts.aspect,
            "kilobytes": facts.n_bytes / 1000,
            "bytes a pixel": facts.bytes_per_pixel,
        }
        for mode in np.unique(facts.mode[facts.is_read]):
            measures[f"share of mode {mode}"] = np.where(
                facts.is_read, (facts.mode == mode).astype(float), np.nan
            )
        for name, values in measures.items():
            read = values[facts.is_read]
            shown = [np.median(read), read.min(), read.max()]
            if name.startswith("share"):
                shown = [read.mean(), None, None]
            row = (part, len(read), name, *(None if v is None else float(v) for v in shown))
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    return Table(columns, "The original files, before any resizing; of a mode, its share")


def _of_patients(inventory):
    shared = inventory.shared_patients
    n_train, n_test = inventory.n_shared_images
    first, second = inventory.part_names
    if shared:
        yield (
            f"{counted(len(shared), 'patient')} ({named(shared)}) "
            f"{'has' if len(shared) == 1 else 'have'} images in both parts, {n_train:,} in {first} "
            f"and {n_test:,} in {second}."
        )
    else:
        yield "No patient id occurs in both parts."
    for part, images, n_eff, total in zip(
        inventory.part_names,
        inventory.n_images.sum(axis=1),
        inventory.effective_patients,
        inventory.total_patients,
        strict=True,
    ):
        if total == 1:
            yield f"All images of {part} are of one patient: nothing says how patients differ."
        elif n_eff < total / 2:
            yield (
                f"Few patients have most of the {images:,} images of {part}: {total:,.0f} patients "
                f"count as {n_eff:,.1f}."
            )
    yield from inventory.group_check.sentences


def _of_missing(inventory):
    if inventory.files is None:
        yield "No file names are known: the original files were not looked at."
        return
    for part, facts in zip(inventory.part_names, inventory.files, strict=True):
        for names, what in ((facts.missing, "missing"), (facts.unreadable, "no readable images")):
            if names:
                yield (
                    f"{len(names):,} of {counted(len(facts.mode), 'file')} of {part} are {what} "
                    f"({named(names)})."
                )


def _whole(number):
    return None if np.isnan(number) else int(number)
