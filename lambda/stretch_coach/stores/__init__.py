"""Where a listener's record is kept: the contract, and what fulfils it."""
