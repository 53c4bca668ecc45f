"""What the images say of a patient key."""

from dataclasses import dataclass

from dlboi.bias._group_sentences import group_sentences
from dlboi.bias._likeness import Likeness
from dlboi.reporting import Table


@dataclass(frozen=True, eq=False, repr=False)
class GroupCheck:
    """What images say of a patient key; see :func:`check_groups`.

    Attributes
    ----------
    n_images, n_groups : int
        Numbers of images and of ids.
    n_repeated : int
        Ids with two images or more.
    alike : Likeness
        Images of one id, in one class and part, against those of different ids: named tuple of
        `estimate`, `low`, `high`, `p_value`, `n_ids`.
    across : Likeness
        Ids in two parts, in one class: one id against different ids, by the mean similarity of
        their images.
    alike_within : Likeness
        With nested ids: images of one nested id, as `alike`.
    between : Likeness
        With nested ids: nested ids of one id, by the mean similarity of their images.
    spanning_classes, spanning_parts : list
        Ids with images in several classes, and in several parts.
    spanning_groups : list
        Nested ids that occur under several ids.
    unlike : list
        Ids whose images are less alike than images of different ids, the least alike first.
    look_alikes : list of tuple (id, id, similarity)
        Pairs of ids, each with two images or more of a class, that are far more alike than either
        is to any third one; the most alike first, and about a tenth of them by chance.
    by_id : dict of str to list
        Columns ``id``, ``images`` and ``likeness`` of the ids that could be compared.
    """

    n_images: int
    n_groups: int
    n_repeated: int
    alike: Likeness
    across: Likeness
    alike_within: Likeness
    between: Likeness
    spanning_classes: list
    spanning_parts: list
    spanning_groups: list
    unlike: list
    look_alikes: list
    by_id: dict

    def __repr__(self):
        return (
            f"<GroupCheck: {self.n_groups} ids, {self.verdict} (likeness "
            f"{self.alike.estimate:.2f})>"
        )

    def __str__(self):
        return "\n".join(self.sentences)

    @property
    def verdict(self) -> str:
        """What becomes of the key: "supported", "contradicted" or "undecided"."""
        if self.alike.p_value <= 0.05 and self.alike.low > 0.5:
            return "supported"
        return "contradicted" if self.alike.high < 0.55 else "undecided"

    @property
    def sentences(self) -> list[str]:
        """What was found, in sentences."""
        return group_sentences(self)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The likeness of images of one id, and what is odd."""
        compared = {
            "one id": self.alike,
            "one id, across parts": self.across,
            "one nested id": self.alike_within,
            "nested ids of one id": self.between,
        }
        rows = {name: found for name, found in compared.items() if found.n_ids}
        rows = rows or {"one id": self.alike}
        columns = dict(zip(Likeness._fields, zip(*rows.values(), strict=True), strict=True))
        counts = {
            "ids": self.n_groups,
            "ids with several images": self.n_repeated,
            "ids in several classes": len(self.spanning_classes),
            "ids in several parts": len(self.spanning_parts),
            "nested ids under several ids": len(self.spanning_groups),
            "ids whose images are unlike": len(self.unlike),
            "pairs of ids that look alike": len(self.look_alikes),
        }
        return (
            Table(
                {"images of": list(rows), **columns},
                "How probably an image is more like one of its own id than like one of another id "
                "of its class, with the 95 % interval over ids",
            ),
            Table({"count": list(counts), "number": list(counts.values())}, "Ids"),
        )
