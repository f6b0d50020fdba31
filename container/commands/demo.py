"""Ten steps, one every 300 ms, and a summary: what a program looks like that reports while it works."""

import math
import time

total = 0.0
for step in range(1, 11):
    time.sleep(0.3)
    total += math.sqrt(step)
    print(f"step {step:2} of 10: sum of square roots is {total:.4f}")

print("done")
