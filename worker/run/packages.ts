/** From import names to package names, and which names may reach an installer. Pure. */

/** Import names whose package is called otherwise. */
const PACKAGE_OF_MODULE = new Map(
  Object.entries({
    attr: 'attrs',
    bs4: 'beautifulsoup4',
    cairosvg: 'CairoSVG',
    Crypto: 'pycryptodome',
    cv2: 'opencv-python-headless',
    dateutil: 'python-dateutil',
    discord: 'discord.py',
    docx: 'python-docx',
    dotenv: 'python-dotenv',
    faiss: 'faiss-cpu',
    fitz: 'PyMuPDF',
    git: 'GitPython',
    github: 'PyGithub',
    googleapiclient: 'google-api-python-client',
    igraph: 'python-igraph',
    jose: 'python-jose',
    jwt: 'PyJWT',
    ldap: 'python-ldap',
    magic: 'python-magic',
    markdown: 'Markdown',
    mpl_toolkits: 'matplotlib',
    MySQLdb: 'mysqlclient',
    nacl: 'PyNaCl',
    OpenSSL: 'pyOpenSSL',
    PIL: 'pillow',
    pkg_resources: 'setuptools',
    pptx: 'python-pptx',
    psycopg2: 'psycopg2-binary',
    pylab: 'matplotlib',
    pytesseract: 'pytesseract',
    rest_framework: 'djangorestframework',
    Levenshtein: 'python-Levenshtein',
    serial: 'pyserial',
    skimage: 'scikit-image',
    sklearn: 'scikit-learn',
    slugify: 'python-slugify',
    socks: 'PySocks',
    telegram: 'python-telegram-bot',
    usb: 'pyusb',
    wx: 'wxPython',
    xlsxwriter: 'XlsxWriter',
    yaml: 'PyYAML',
    zmq: 'pyzmq',
  }),
)

/** Parts of namespace packages, by their dotted name. */
const PACKAGE_OF_DOTTED_MODULE = new Map(
  Object.entries({
    'google.cloud.storage': 'google-cloud-storage',
    'google.cloud.bigquery': 'google-cloud-bigquery',
    'google.protobuf': 'protobuf',
    'google.auth': 'google-auth',
    'google.genai': 'google-genai',
    'google.generativeai': 'google-generativeai',
    'azure.storage.blob': 'azure-storage-blob',
    'azure.identity': 'azure-identity',
    'ruamel.yaml': 'ruamel.yaml',
  }),
)

/** A distribution's name by PEP 508, at most 100 characters. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/

/** The package that provides a module, or the reason why none can be named. */
export function packageForModule(module: string): { package: string } | { refused: string } {
  const dotted = PACKAGE_OF_DOTTED_MODULE.get(module)
  if (dotted !== undefined) return { package: dotted }
  const top = module.split('.', 1)[0] ?? module
  if (module !== top) {
    return { refused: `"${module}" is part of a namespace; its package is unknown` }
  }
  const name = PACKAGE_OF_MODULE.get(top) ?? top
  if (!NAME.test(name)) return { refused: `"${top}" is not the name of a package` }
  return { package: name }
}
