"""What the smoke test runs: four lines, half a second apart, and a picture under the name that comes on standard
input."""

import base64
import sys
import time

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mP4UCFCEmIY1TCqYfhqAADhKnwQa2QjigAAAABJRU5ErkJggg=="

name = input()
for step in range(1, 5):
    print(f"step {step} of 4", flush=True)
    time.sleep(0.5)
with open(name, "wb") as file:
    file.write(base64.b64decode(PICTURE))
print("on Python", sys.version.split()[0])
