"""The script of a plain start. It is so small because a script is compiled each time, `child` is not."""

import sys

import child  # sys.path begins with this file's folder

del sys.path[0], sys.modules["child"]  # a program must not import the runner's modules
child.run_in_new_interpreter(sys.argv[2], sys.argv[3] or None, int(sys.argv[1]), sys.argv[4])
