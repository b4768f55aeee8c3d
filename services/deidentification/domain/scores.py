# SPDX-License-Identifier: Apache-2.0
"""The scale of scores. A score is a judgement from 0 to 1, not a measured probability; what it does
is what the steps differ in.

Recognisers that agree raise each other's scores (`span_merging.combine_scores`), so that two
findings below the threshold may be acted on together. Where findings overlap, the higher score
gives the type.
"""

from __future__ import annotations

NOTHING = 0.0  # no finding

# Below 0.5, the threshold of the policies that ship: not acted on alone. From 0.3 on (0.6 of the
# threshold) the place is flagged for review.
HINT = 0.3
SLIGHT = 0.35
WEAK = 0.4
NEARLY = 0.45

# Acted on, because in doubt it goes, and flagged for review (`doubtful_below: 0.6`). A name spreads
# over the transcript from UNSURE on.
DOUBTFUL = 0.5
UNSURE = 0.55

# Acted on without a flag. Places, bodies and numbers spread from here on.
FAIR = 0.6
GOOD = 0.65

# A strict form wins over what overlaps it, and a one-word name spreads although it is an ordinary
# word.
LIKELY = 0.7
PROBABLE = 0.75

# The context or the form says it: a title, a list, a check digit, a pattern that means one thing.
STRONG = 0.8
FIRM = 0.85
SURE = 0.9
CERTAIN = 0.95
MOST = 0.99  # of recognisers that agree
