"""What ``dlboi info`` warns of."""

from collections import defaultdict

from dlboi.cli._folder_facts import FolderFacts
from dlboi.datasets import infer_groups
from dlboi.reporting._words import counted, named


def folder_warnings(parts: list[FolderFacts]) -> list[str]:
    """Return what should be known of folders before a network is trained on them.

    Parameters
    ----------
    parts : list of FolderFacts
        One folder, or those of the training and of the test images.

    Returns
    -------
    list of str
        Sentences.
    """
    return [
        *(said for part in parts for said in _of_files(part)),
        *_of_sizes(parts),
        *_of_classes(parts),
        *_of_copies(parts),
        *_of_patients(parts),
    ]


def _of_files(part):
    yield from part.problems.values()
    if part.n_passed_over:
        yield (
            f"{counted(part.n_passed_over, 'file')} of '{part.root}' would be passed over: no PNG,"
            " JPEG, TIFF, BMP or DICOM by the suffix, or in no class folder."
        )


def _of_sizes(parts):
    sizes = sorted({size for part in parts for size in part.sizes()})
    if len(sizes) > 1:
        heights, widths = zip(*sizes, strict=True)
        yield (
            f"The images have {len(sizes)} sizes, {min(heights)} to {max(heights)} pixels high and "
            f"{min(widths)} to {max(widths)} wide. Bring them to one with --size; the aspect ratio "
            "is not kept."
        )
    modes = {mode for part in parts for mode in part.modes()}
    deep = sorted(mode for mode in modes if mode.startswith("I"))
    if deep and len(deep) < len(modes):
        yield (
            f"Some images have 16 bits (mode {', '.join(deep)}) and some have 8. Save all of them "
            "with 8 bits, or all as 16-bit grey."
        )


def _of_classes(parts):
    for part in parts[1:]:
        unknown = [name for name in part.classes if name not in parts[0].classes]
        absent = [name for name in parts[0].classes if name not in part.classes]
        if unknown:
            yield f"'{part.root}' has classes that '{parts[0].root}' has not: {named(unknown)}."
        if absent:
            yield f"'{part.root}' has no image of {named(absent)}."


def _of_copies(parts):
    places = defaultdict(list)
    for part in parts:
        for digest, file, label in zip(part.digests, part.files, part.labels, strict=True):
            places[digest].append((part.root, file, label))
    copies = [found for found in places.values() if len(found) > 1]
    if not copies:
        return
    pairs = [" = ".join(f"'{root / file}'" for root, file, _ in found[:2]) for found in copies]
    across = ""
    if len(parts) > 1:
        n_across = sum(len({root for root, _, _ in found}) > 1 for found in copies)
        across = f"{n_across} in training and test images, "
    n_contrary = sum(len({label for _, _, label in found}) > 1 for found in copies)
    yield (
        f"{counted(len(copies), 'image')} {'is' if len(copies) == 1 else 'are'} there more than "
        f"once, byte for byte: {named(pairs)}. Of these, {across}{n_contrary} in different "
        "classes."
    )


def _of_patients(parts):
    if parts[0].groups is None:
        yield _proposal(parts)
        return
    for part in parts:
        for name in part.classes:
            if len(part.patients_of(name)) == 1:
                yield f"All images of {name} in '{part.root}' are of one patient."
    shared = sorted(set.intersection(*(part.patients for part in parts))) if parts[1:] else []
    if shared:
        yield (
            f"{counted(len(shared), 'patient')} {'has' if len(shared) == 1 else 'have'} images "
            f"in training and test images: {named(shared)}."
        )


def _proposal(parts):
    pattern = infer_groups([part.root / file for part in parts for file in part.files]).pattern
    said = "Patients are not named, so that no part can be drawn by patient. "
    if pattern is None:
        return said + "The names of the files tell nothing of them: give --groups if you know."
    return said + f"The names of the files suggest --groups '{pattern}', if you agree."
