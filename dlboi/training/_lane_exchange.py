"""Where lanes that run at once meet and combine what each of them has."""

import threading


class LanesApartError(RuntimeError):
    """A lane waits for another that has ended or failed."""


class LaneExchange:
    """A meeting point of lanes: each hands in a value, all get what the values combine to.

    A lane that waits sleeps and takes no time from the others. The values are combined once, in
    the order of the lanes, so that every lane gets the same bits, whichever comes last.

    Parameters
    ----------
    n_lanes : int
        Number of lanes; all of them must run at once, each in a thread of its own.
    """

    def __init__(self, n_lanes: int):
        self.n_lanes = n_lanes
        self._changed = threading.Condition()
        self._values = {}
        self._round = 0
        self._combined = None
        self._someone_left = False

    def meet(self, lane: int, value, combine):
        """Hand in a value, wait for the other lanes and return what all values combine to.

        Parameters
        ----------
        lane : int
            Number of the lane that calls.
        value : object
            What it hands in.
        combine : callable
            Takes the values of all lanes, in the order of the lanes.

        Returns
        -------
        object
            The same object in each lane: it must not be changed.

        Raises
        ------
        LanesApartError
            If another lane has left.
        """
        with self._changed:
            number = self._round
            self._values[lane] = value
            if len(self._values) == self.n_lanes:
                values = [self._values[lane] for lane in range(self.n_lanes)]
                self._combined = combine(values)
                self._values = {}
                self._round += 1
                self._changed.notify_all()
            else:
                self._changed.wait_for(lambda: self._round > number or self._someone_left)
                if self._round == number:
                    raise LanesApartError(
                        "A lane waits at a batch normalisation for another that has ended or "
                        "failed. A network that skips layers at random cannot be divided."
                    )
            return self._combined

    def leave(self):
        """Let no lane wait any more: the one that calls has ended, or failed."""
        with self._changed:
            self._someone_left = True
            self._changed.notify_all()
