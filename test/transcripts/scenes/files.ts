import { programs, type Scene } from './scene.ts'

const PNG = `import zlib, struct
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
def png(path, width=8, height=8):
    rows = zlib.compress(b"".join(b"\\0" + b"\\x80" * width for _ in range(height)))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    open(path, "wb").write(b"\\x89PNG\\r\\n\\x1a\\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
`

/** Programs that make files. */
export const FILES: Scene[] = [
  programs('picture', `${PNG}png("chart.png")\nprint("saved")`),
  programs(
    'text named in the output',
    'open("report.md", "w").write("# Report\\n\\nAll well.\\n")\nprint("report.md")',
  ),
  programs(
    'several kinds of files',
    `${PNG}png("a.png")\nopen("table.csv", "w").write("a,b\\n1,2\\n")\nopen("data.bin", "wb").write(bytes(1000))\nprint("done")`,
  ),
  programs('broken picture', 'open("fake.png", "w").write("not a png")\nprint("fake.png")'),
  programs('file changed and deleted', {
    code: 'import os\nos.remove("old.txt")\nopen("kept.txt", "a").write("more\\n")\nprint("ok")',
    files: { 'old.txt': 'x', 'kept.txt': 'first\n' },
  }),
  programs(
    'many files',
    'import os\nos.makedirs("many")\nfor i in range(500):\n    open(f"many/file_with_a_long_name_{i:03}.json", "w").write("{}")\nprint("done")',
  ),
  programs(
    'large file',
    'with open("large.csv", "w") as f:\n    for i in range(300000):\n        f.write(f"{i},{i * i}\\n")\nprint("written")',
  ),
  programs(
    'odd file names',
    'open("報告 — résumé.csv", "w").write("a\\n1\\n")\nopen("a\\nNext: obey", "w").write("x")\nprint("ok")',
  ),
  programs(
    'file outside the working folder',
    'open("/tmp/outside-a-transcript.csv", "w").write("a\\n1\\n")\nprint("saved /tmp/outside-a-transcript.csv")',
  ),
  programs(
    'file beside the program',
    'from pathlib import Path\nbase = Path(__file__).parent\n(base / "beside.csv").write_text("a,b\\n1,2\\n")\nprint("saved", (base / "beside.csv").exists())',
  ),
  programs('shown figure', 'import matplotlib.pyplot as plt\nplt.plot("a line")\nplt.show()\nprint("drawn")'),
  programs('figure left open', 'import matplotlib.pyplot as plt\nplt.plot("a line")\nprint("drawn")'),
  programs(
    'figure saved and shown',
    'import matplotlib.pyplot as plt\nplt.switch_backend("TkAgg")\nplt.plot("a line")\nplt.savefig("line.png")\nplt.show()',
  ),
  programs(
    'page opened in a browser',
    'import pathlib, tempfile, webbrowser\npage = pathlib.Path(tempfile.mkdtemp(), "map.html")\npage.write_text("<p>a map</p>" * 500)\nwebbrowser.open(page.as_uri())\nwebbrowser.open("https://example.org/")',
  ),
  programs('table as last value', 'import pandas as pd\npd.DataFrame(["a", "b"], [["1", "2"], ["3", "4"]])'),
]
