#!/usr/bin/env python3
"""The arithmetic of growth.py: its counts beside loops that count, its verdicts on made-up series.
"""
import unittest

import growth


class Counts(unittest.TestCase):
    def test_multiply_adds_of_a_step(self):
        net = growth.Net(layers=3, width=5, batch=2, count=2)
        sizes, counted = [growth.INPUTS, 5, 5, 5, growth.OUTPUTS], 0
        for _network in range(2):
            for _example in range(2):
                for layer in range(4):
                    for _i in range(sizes[layer]):
                        for _o in range(sizes[layer + 1]):
                            counted += 1                        # forward
                            counted += 1                        # dW
                            counted += 1 if layer > 0 else 0    # d loss / d h of the layer below
        self.assertEqual(net.step(), counted)

    def test_entries_that_are_counted(self):
        net = growth.Net(layers=1, width=4, batch=3)
        weights = growth.INPUTS * 4 + 4 * growth.OUTPUTS
        values = 3 * (4 + growth.OUTPUTS)
        self.assertEqual(net.capture(), 3 * values + 2 * weights)
        self.assertEqual(net.touched(), 4 * (3 * values + weights))

    def test_gram_matrix_is_of_the_shorter_side(self):
        self.assertEqual(growth.Net(layers=2, width=10, batch=3).participation(), 2 * 9 * 10)
        self.assertEqual(growth.Net(layers=2, width=3, batch=10).participation(), 2 * 9 * 10)
        too_large = growth.PARTICIPATION + 1
        self.assertIsNone(growth.Net(width=too_large, batch=too_large).participation())


class Verdicts(unittest.TestCase):
    sizes, caches = [1, 2, 4, 8, 16], (1000, 4000)

    def verdict(self, power, name="step", **more):
        values = [10.0 * x ** power for x in self.sizes]
        series = growth.Series(name, self.sizes, values, more.pop("theory", self.sizes), **more)
        return series.verdict(self.caches)

    def test_exponents(self):
        self.assertAlmostEqual(growth.exponent((3, 6), (5, 40)), 3.0)
        series = growth.Series("step", self.sizes, [x * x for x in self.sizes], self.sizes)
        self.assertAlmostEqual(series.whole()[0], 2.0)
        self.assertAlmostEqual(series.whole()[1], 1.0)

    def test_as_theory_says_and_slower(self):
        self.assertEqual(self.verdict(1.0), "no faster")
        self.assertEqual(self.verdict(0.3), "no faster")

    def test_a_square_where_theory_is_linear(self):
        self.assertEqual(self.verdict(2.0), "faster than theory")
        self.assertEqual(self.verdict(1.15), "faster than theory")  # over the whole axis

    def test_one_steep_part(self):
        steep = [4, 4, 4, 8 * 2 ** 0.5, 16 * 2 ** 0.5]
        outside, across = [1, 2, 4, 8, 16], [100, 200, 900, 1500, 3000]
        for touched, wanted in ((outside, "faster than theory"), (across, "leaves the cache")):
            series = growth.Series("step", self.sizes, steep, self.sizes, touched)
            self.assertEqual(series.verdict(self.caches), wanted)

    def test_memory_below_a_megabyte_is_not_judged(self):
        values = [1e5, 1.1e5, 1.2e5, 1.3e5, 5e5]
        flat = [1] * 5
        series = growth.Series("bytes", self.sizes, values, flat)
        self.assertIsNone(series.steepest())

    def test_a_budget(self):
        self.assertEqual(self.verdict(1.0, theory=[160.0] * 5, bounded=True), "within its budget")
        self.assertEqual(self.verdict(1.0, theory=[100.0] * 5, bounded=True), "faster than theory")

    def test_where_theory_says_nothing(self):
        series = growth.Series("step", self.sizes, [1, 2, 4, 1, 1], [1, 2, 4, None, None])
        self.assertEqual(len(series.points), 3)
        self.assertAlmostEqual(series.whole()[0], 1.0)


class Picture(unittest.TestCase):
    def test_labels_keep_apart(self):
        places = growth.spread_out([10.0, 11.0, 50.0, 49.0], 12.0, 0.0, 60.0)
        for i, one in enumerate(places):
            for other in places[:i]:
                self.assertGreaterEqual(abs(one - other), 12.0 - 1e-9)
        self.assertTrue(all(0.0 <= place <= 60.0 for place in places))


if __name__ == "__main__":
    unittest.main()
