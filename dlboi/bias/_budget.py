"""How many fits there is time for."""

import time


class Budget:
    """Time for fits, and what was left out for want of it.

    Parameters
    ----------
    max_time : float, default=None
        Seconds; None sets no limit.

    Attributes
    ----------
    left_out : list of str
        Sentences that name what was done less often than asked for.
    """

    def __init__(self, max_time: float | None = None):
        self.max_time = max_time
        self.left_out = []
        self._began = time.perf_counter()

    def allow(self, what: str, wanted: int, n_fits: int, learner, *, share: float = 1.0) -> int:
        """Return how many of `wanted` rounds there is time for.

        Parameters
        ----------
        what : str
            What a round is, in the plural, for the report.
        wanted : int
            Rounds that are asked for.
        n_fits : int
            Fits of a round.
        learner : LogisticLearner or EstimatorLearner
            What is fitted; its ``seconds_a_fit`` are measured as it works, 0 before.
        share : float, default=1.0
            Part of the time that is left which these rounds may take.

        Returns
        -------
        int
            At most `wanted`; 0 where not one round fits.
        """
        if self.max_time is None or not learner.seconds_a_fit:
            return wanted
        left = share * (self.max_time - (time.perf_counter() - self._began))
        allowed = max(0, min(wanted, int(left / (n_fits * learner.seconds_a_fit))))
        if allowed < wanted:
            self.left_out.append(
                f"{allowed} of {wanted} {what}: {n_fits} fits each, of about "
                f"{learner.seconds_a_fit:.2g} s."
            )
        return allowed
