"""Whether orders, money, goods, deliveries and points agree: every service side by side. Pure.

As a merchant does with the statement of his bank, line by line: an order is compared only when its
saga had ended before the run began, because until then its money and goods are on their way and
rightly differ.
"""
