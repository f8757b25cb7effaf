"""Everything about data sets is found in one place."""

import emolib.data


def test_every_promised_name_is_there():
    for name in emolib.data.__all__:
        assert hasattr(emolib.data, name), name
