/** The package of a module, where the two have different names. */
import { KNOWN_PACKAGES } from './known.ts'
import { normalName } from './requirement.ts'

/** Packages of import names that differ from them; the package's name as its authors write it. */
const PACKAGE_OF_MODULE = new Map(
  Object.entries({
    absl: 'absl-py',
    airflow: 'apache-airflow',
    allure: 'allure-pytest',
    alpaca: 'alpaca-py',
    antlr4: 'antlr4-python3-runtime',
    attr: 'attrs',
    barcode: 'python-barcode',
    bidi: 'python-bidi',
    binance: 'python-binance',
    Bio: 'biopython',
    board: 'Adafruit-Blinka',
    box: 'python-box',
    bs4: 'beautifulsoup4',
    bson: 'pymongo',
    cairo: 'pycairo',
    can: 'python-can',
    cassandra: 'cassandra-driver',
    community: 'python-louvain',
    constraint: 'python-constraint',
    consul: 'python-consul',
    corsheaders: 'django-cors-headers',
    cpuinfo: 'py-cpuinfo',
    crispy_forms: 'django-crispy-forms',
    crontab: 'python-crontab',
    Crypto: 'pycryptodome',
    Cryptodome: 'pycryptodomex',
    cv2: 'opencv-python-headless',
    dateutil: 'python-dateutil',
    dbus: 'dbus-python',
    debug_toolbar: 'django-debug-toolbar',
    decouple: 'python-decouple',
    digitalio: 'Adafruit-Blinka',
    discord: 'discord.py',
    django_filters: 'django-filter',
    dns: 'dnspython',
    docx: 'python-docx',
    dotenv: 'python-dotenv',
    editor: 'python-editor',
    elftools: 'pyelftools',
    engineio: 'python-engineio',
    environ: 'django-environ',
    escpos: 'python-escpos',
    faiss: 'faiss-cpu',
    ffmpeg: 'ffmpeg-python',
    fitz: 'PyMuPDF',
    fpdf: 'fpdf2',
    frontmatter: 'python-frontmatter',
    gi: 'PyGObject',
    git: 'GitPython',
    github: 'PyGithub',
    gitlab: 'python-gitlab',
    gnupg: 'python-gnupg',
    googleapiclient: 'google-api-python-client',
    graphql: 'graphql-core',
    grpc: 'grpcio',
    grpc_status: 'grpcio-status',
    grpc_tools: 'grpcio-tools',
    haystack: 'haystack-ai',
    hid: 'hidapi',
    hydra: 'hydra-core',
    imblearn: 'imbalanced-learn',
    impala: 'impyla',
    import_export: 'django-import-export',
    iso639: 'python-iso639',
    jenkins: 'python-jenkins',
    jnius: 'pyjnius',
    jose: 'python-jose',
    jwt: 'PyJWT',
    kafka: 'kafka-python',
    keycloak: 'python-keycloak',
    ldap: 'python-ldap',
    linkify_it: 'linkify-it-py',
    llama_cpp: 'llama-cpp-python',
    magic: 'python-magic',
    markdown_it: 'markdown-it-py',
    MeCab: 'mecab-python3',
    memcache: 'python-memcached',
    model_utils: 'django-model-utils',
    mpl_finance: 'mplfinance',
    mpl_toolkits: 'matplotlib',
    mptt: 'django-mptt',
    mysql: 'mysql-connector-python',
    MySQLdb: 'mysqlclient',
    nacl: 'PyNaCl',
    nmap: 'python-nmap',
    oauth2_provider: 'django-oauth-toolkit',
    odf: 'odfpy',
    OpenGL: 'PyOpenGL',
    OpenSSL: 'pyOpenSSL',
    osgeo: 'gdal',
    ot: 'POT',
    paddle: 'paddlepaddle',
    paho: 'paho-mqtt',
    pdfminer: 'pdfminer.six',
    PIL: 'pillow',
    pkg_resources: 'setuptools',
    plaid: 'plaid-python',
    playhouse: 'peewee',
    pptx: 'python-pptx',
    progressbar: 'progressbar2',
    psycopg2: 'psycopg2-binary',
    pwn: 'pwntools',
    pylab: 'matplotlib',
    pynvml: 'nvidia-ml-py',
    pythoncom: 'pywin32',
    pythonjsonlogger: 'python-json-logger',
    pyttsx: 'pyttsx3',
    pywintypes: 'pywin32',
    pywt: 'PyWavelets',
    pyximport: 'cython',
    rapidjson: 'python-rapidjson',
    readability: 'readability-lxml',
    redis_lock: 'python-redis-lock',
    rest_framework: 'djangorestframework',
    RPi: 'RPi.GPIO',
    rtmidi: 'python-rtmidi',
    saml2: 'pysaml2',
    serial: 'pyserial',
    shapefile: 'pyshp',
    shopify: 'ShopifyAPI',
    simple_history: 'django-simple-history',
    skbio: 'scikit-bio',
    skfuzzy: 'scikit-fuzzy',
    skimage: 'scikit-image',
    sklearn: 'scikit-learn',
    sklearnex: 'scikit-learn-intelex',
    skmisc: 'scikit-misc',
    skopt: 'scikit-optimize',
    skrf: 'scikit-rf',
    sksurv: 'scikit-survival',
    slack: 'slackclient',
    slugify: 'python-slugify',
    smbus: 'smbus2',
    snappy: 'python-snappy',
    snowflake: 'snowflake-connector-python',
    social_django: 'social-auth-app-django',
    socketio: 'python-socketio',
    socks: 'PySocks',
    sorl: 'sorl-thumbnail',
    speech_recognition: 'SpeechRecognition',
    statemachine: 'python-statemachine',
    stdnum: 'python-stdnum',
    storages: 'django-storages',
    strawberry: 'strawberry-graphql',
    surprise: 'scikit-surprise',
    tabula: 'tabula-py',
    taggit: 'django-taggit',
    talib: 'TA-Lib',
    tavily: 'tavily-python',
    telegram: 'python-telegram-bot',
    tlz: 'toolz',
    umap: 'umap-learn',
    usb: 'pyusb',
    usb1: 'libusb1',
    vlc: 'python-vlc',
    weaviate: 'weaviate-client',
    websocket: 'websocket-client',
    webview: 'pywebview',
    whisper: 'openai-whisper',
    whois: 'python-whois',
    wikipediaapi: 'Wikipedia-API',
    win32api: 'pywin32',
    win32com: 'pywin32',
    win32con: 'pywin32',
    win32gui: 'pywin32',
    wx: 'wxPython',
    xdg: 'pyxdg',
    Xlib: 'python-xlib',
    yaml: 'PyYAML',
    zmq: 'pyzmq',
  }),
)

/** Packages of that table which can also be imported by their own name. */
const ALSO_BY_OWN_NAME = new Set(
  'attrs cython matplotlib peewee pymongo pymupdf setuptools slackclient toolz'.split(' '),
)

/** Modules of nicknames: packages that are published, or imported, under another name. */
const MODULE_OF_NICKNAME = new Map(
  Object.entries({
    beautifulsoup: 'bs4',
    'django-rest-framework': 'rest_framework',
    'faiss-gpu': 'faiss',
    huggingface: 'huggingface_hub',
    image: 'PIL',
    opencv: 'cv2',
    'opencv-contrib-python': 'cv2',
    'opencv-contrib-python-headless': 'cv2',
    'opencv-python': 'cv2',
    psycopg3: 'psycopg',
    pytorch: 'torch',
    'python-opencv': 'cv2',
    scikit: 'sklearn',
    'tensorflow-gpu': 'tensorflow',
  }),
)

/** Notes for the caller about a chosen package. */
const NOTES = new Map(
  Object.entries({
    'opencv-python-headless':
      'cv2 was installed as opencv-python-headless: opencv-python without windows; cv2.imshow saves the picture.',
    'psycopg2-binary': 'psycopg2 was installed as psycopg2-binary, which needs no compiler.',
    'faiss-cpu': 'faiss was installed as faiss-cpu, which needs no graphics card.',
  }),
)

/** First parts of modules that many packages share: alone they name no package. */
const NAMESPACES = new Set('azure backports google jaraco opentelemetry ruamel sphinxcontrib zope'.split(' '))

/** Packages of modules in namespaces, where the names differ; the longest module that fits counts. */
const PACKAGE_OF_DOTTED_MODULE = new Map(
  Object.entries({
    'azure.ai.ml': 'azure-ai-ml',
    'azure.monitor.opentelemetry': 'azure-monitor-opentelemetry',
    'azure.storage.filedatalake': 'azure-storage-file-datalake',
    'azure.storage.fileshare': 'azure-storage-file-share',
    'google.ai.generativelanguage': 'google-ai-generativelanguage',
    'google.analytics.data': 'google-analytics-data',
    'google.api': 'googleapis-common-protos',
    'google.api_core': 'google-api-core',
    'google.auth': 'google-auth',
    'google.cloud.aiplatform': 'google-cloud-aiplatform',
    'google.cloud.exceptions': 'google-cloud-core',
    'google.cloud.pubsub_v1': 'google-cloud-pubsub',
    'google.cloud.secretmanager': 'google-cloud-secret-manager',
    'google.cloud.translate_v2': 'google-cloud-translate',
    'google.genai': 'google-genai',
    'google.generativeai': 'google-generativeai',
    'google.oauth2': 'google-auth',
    'google.protobuf': 'protobuf',
    'google.rpc': 'googleapis-common-protos',
    'google.type': 'googleapis-common-protos',
    'opentelemetry.exporter.otlp.proto.grpc': 'opentelemetry-exporter-otlp-proto-grpc',
    'opentelemetry.exporter.otlp.proto.http': 'opentelemetry-exporter-otlp-proto-http',
    'opentelemetry.metrics': 'opentelemetry-api',
    'opentelemetry.semconv': 'opentelemetry-semantic-conventions',
    'opentelemetry.trace': 'opentelemetry-api',
    'ruamel.yaml': 'ruamel.yaml',
  }),
)

const modulesByNormalName = new Map([...PACKAGE_OF_MODULE.keys()].map((module) => [normalName(module), module]))
const modulesByPackage = new Map(
  [...PACKAGE_OF_MODULE].toReversed().map(([module, name]) => [normalName(name), module]),
)

/** All import names of the table, with their packages. */
export const MODULES: ReadonlyMap<string, string> = PACKAGE_OF_MODULE

/** The package of a top-level module, by the table alone. */
export function listedPackage(module: string): string | undefined {
  return PACKAGE_OF_MODULE.get(module)
}

/** The module behind the name of a package or a nickname, such as `sklearn` for `scikit_learn`. */
export function moduleMeantBy(name: string): string | undefined {
  const normal = normalName(name)
  const nickname = MODULE_OF_NICKNAME.get(normal)
  if (nickname !== undefined) return nickname
  return ALSO_BY_OWN_NAME.has(normal) || PACKAGE_OF_MODULE.has(name) ? undefined : modulesByPackage.get(normal)
}

/** The package behind the name of a module or a nickname, such as `scikit-learn` for `sklearn`. */
export function packageMeantBy(name: string): string | undefined {
  const normal = normalName(name)
  const module = MODULE_OF_NICKNAME.get(normal) ?? modulesByNormalName.get(normal)
  if (module === undefined || KNOWN_PACKAGES.has(normal) || modulesByPackage.has(normal)) return undefined
  return PACKAGE_OF_MODULE.get(module) ?? module.replaceAll('_', '-')
}

/** The package of a part of a namespace; null when it is unknown, undefined when the module is in no namespace. */
export function namespacePackage(module: string): string | null | undefined {
  const parts = module.split('.')
  if (!NAMESPACES.has(parts[0] ?? '')) return undefined
  for (let length = parts.length; length > 1; length--) {
    const name = parts.slice(0, length).join('.')
    const listed = PACKAGE_OF_DOTTED_MODULE.get(name)
    if (listed !== undefined) return listed
    if (KNOWN_PACKAGES.has(normalName(name))) return normalName(name)
  }
  return null
}

export function noteAbout(name: string): string | undefined {
  return NOTES.get(normalName(name))
}
