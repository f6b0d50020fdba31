/**
 * Well-known packages, in their PEP 503 normal form: slips of the keyboard are measured against them. Real names that lie close to one of
 * them stand here too, because a listed name is never taken for a slip.
 */

const names = (text: string) => text.trim().split(/\s+/)

/** Packages that programs usually import, and their dependencies. */
const WELL_KNOWN = names(`
  adafruit-blinka aiobotocore aiocache aiodns aiofiles aiohappyeyeballs aiohttp aiohttp-cors aioitertools aiomysql
  aiopg aioredis aiosignal aiosmtpd aiosmtplib aiosqlite alabaster albumentations alembic altair amqp annotated-doc
  annotated-types ansible ansible-core anthropic anyio apache-airflow apache-beam appdirs appnope apscheduler
  argcomplete argon2-cffi argon2-cffi-bindings arrow arviz asgiref asn1crypto astor astroid astropy asttokens
  async-generator async-lru async-timeout asyncpg asyncssh atomicwrites attrs audioop-lts authlib autograd autopep8
  azure-ai-inference azure-ai-ml azure-common azure-core azure-cosmos azure-data-tables azure-eventhub azure-functions
  azure-identity azure-keyvault-keys azure-keyvault-secrets azure-mgmt-compute azure-mgmt-containerinstance
  azure-mgmt-core azure-mgmt-network azure-mgmt-resource azure-mgmt-storage azure-monitor-opentelemetry
  azure-monitor-query azure-search-documents azure-servicebus azure-storage-blob azure-storage-file-datalake
  azure-storage-file-share azure-storage-queue babel backcall backoff backports-asyncio-runner
  backports-ssl-match-hostname backports-strenum backports-tarfile backports-zoneinfo backports-zstd bandit basemap
  bcrypt beautifulsoup4 billiard biopython bitarray bitstring black blake3 bleach blessed blinker blis bokeh boltons
  boto3 botocore bottle bottleneck branca brotli build cachecontrol cachelib cachetools cairocffi cairosvg cartopy
  catalogue catboost cattrs celery certifi cffi cfgv chainer channels chardet charset-normalizer cheroot cherrypy
  chess chromadb click click-plugins cligj clint cloudpathlib cloudpickle cloudscraper cmaes cmake colorama colorcet
  coloredlogs colorful colorlog colorlover comm confection confluent-kafka construct contextily contourpy convertdate
  cookiecutter coverage cramjam crewai croniter cryptography csvkit ctranslate2 cupy cupy-cuda12x cvxopt cvxpy cycler
  cymem cython dacite dash dask databases databricks-sdk dataclasses-json datasets dateparser db-dtypes dbt-core
  ddtrace debugpy decorator deepdiff deepl defusedxml deprecated deprecation diff-match-patch dill dirty-equals
  diskcache distlib distributed distro django django-cors-headers django-environ django-extensions django-filter
  django-redis djangorestframework dnspython docker docker-compose docker-pycreds dockerfile-parse docling docopt
  docstring-parser docutils docx2pdf docx2txt docxtpl dpkt drf-spectacular dropbox duckdb dulwich durationpy easyocr
  ebooklib ecdsa editables einops elasticsearch email-validator emoji entrypoints environs et-xmlfile eventlet
  exceptiongroup exchange-calendars execnet executing ezdxf fabric factory-boy faiss-cpu faiss-gpu faker falcon fastai
  fastapi fastapi-cli fastavro fasteners fastjsonschema fastmcp fastparquet fasttext feedparser ffmpeg-python ffmpy
  filelock filetype fiona fire firebase-admin flake8 flask flask-cors flask-limiter flask-login flask-migrate
  flask-restful flask-socketio flask-sqlalchemy flask-wtf flatbuffers flax folium fonttools formulaic fpdf fpdf2 fqdn
  freezegun frozendict frozenlist fs fsspec ftfy furl future fuzzywuzzy gast gdown gensim geoalchemy2 geographiclib
  geojson geopandas geopy gevent ghp-import gitdb gitpython gliner glom gmpy2 google-ads google-ai-generativelanguage
  google-analytics-data google-api-core google-api-python-client google-auth google-auth-httplib2 google-auth-oauthlib
  google-cloud-aiplatform google-cloud-bigquery google-cloud-bigquery-storage google-cloud-bigtable google-cloud-build
  google-cloud-core google-cloud-dataproc google-cloud-datastore google-cloud-dlp google-cloud-documentai
  google-cloud-error-reporting google-cloud-firestore google-cloud-functions google-cloud-iam google-cloud-kms
  google-cloud-language google-cloud-logging google-cloud-monitoring google-cloud-pubsub google-cloud-resource-manager
  google-cloud-run google-cloud-scheduler google-cloud-secret-manager google-cloud-spanner google-cloud-speech
  google-cloud-storage google-cloud-tasks google-cloud-texttospeech google-cloud-trace google-cloud-translate
  google-cloud-videointelligence google-cloud-vision google-crc32c google-genai google-generativeai
  google-resumable-media googleapis-common-protos googlemaps gputil gql gradio gradio-client grapheme graphene
  graphql-core graphviz greenlet griffe grpc-google-iam-v1 grpcio grpcio-status grpcio-tools gspread gtts gunicorn gym
  gymnasium h11 h2 h3 h5netcdf h5py hdbscan hiredis hishel hjson holidays holoviews hpack html2text html5lib httpcore
  httpcore2 httplib2 httptools httpx httpx-sse httpx2 huey huggingface-hub humanfriendly humanize hvplot hydra-core
  hyperframe hyperlink hyperopt hypothesis icalendar idna igraph ijson imagehash imageio imageio-ffmpeg imagesize
  imap-tools imapclient imbalanced-learn img2pdf imgaug immutabledict importlib-metadata importlib-resources imutils
  inflect inflection influxdb influxdb-client iniconfig instructor interface-meta invoke ipykernel ipython
  ipython-genutils ipython-pygments-lexers ipywidgets isodate isoduration isort itsdangerous jaraco-classes
  jaraco-collections jaraco-context jaraco-functools jaraco-text javaproperties jax jaxlib jedi jeepney jellyfish
  jenkspy jieba jinja2 jiter jmespath joblib json-repair json5 jsonlines jsonpatch jsonpath-ng jsonpickle jsonpointer
  jsonref jsonschema jsonschema-specifications jupyter jupyter-builder jupyter-client jupyter-console jupyter-core
  jupyter-events jupyter-lsp jupyter-server jupyter-server-terminals jupyterlab jupyterlab-pygments jupyterlab-server
  jupyterlab-widgets kafka-python kaggle kaitaistruct kaleido keras keyring kiwisolver kombu kornia kubernetes
  langchain langchain-anthropic langchain-community langchain-core langchain-openai langchain-text-splitters langcodes
  langdetect langgraph langid langsmith language-tool-python lark lazy-loader lazy-object-proxy ldap3 legacy-cgi
  levenshtein librosa libsass lief lightgbm lightning limits linkify-it-py litellm llama-cpp-python llama-index
  llama-index-core llvmlite lmfit locust loguru lru-dict luigi lxml lz4 mako mammoth mapclassify markdown
  markdown-it-py markdown2 markdownify markupsafe marshmallow matplotlib matplotlib-inline matplotlib-venn mcp
  mdit-py-plugins mdurl mecab-python3 mechanize mediapipe memory-profiler minio missingno mistralai mistune mkdocs
  mkdocs-material ml-dtypes mlflow mlxtend modin mongoengine more-itertools moto motor moviepy mpi4py mplfinance
  mpmath msal msal-extensions msgpack msgspec msoffcrypto-tool multidict multipart multipledispatch multiprocess munch
  murmurhash mutagen mypy mypy-boto3-s3 mypy-extensions mysql-connector-python mysqlclient narwhals natsort nbclient
  nbconvert nbformat ndjson neo4j nest-asyncio nest-asyncio2 netaddr netcdf4 netifaces networkx nibabel nicegui ninja
  nltk nodeenv nose notebook notebook-shim notion-client nox num2words numba numcodecs numexpr numpy numpy-financial
  numpy-stl numpydoc nvidia-ml-py oauth2client oauthlib odfpy olefile ollama omegaconf onnx onnxruntime
  onnxruntime-gpu open3d openai openai-whisper opencensus opencv-contrib-python opencv-contrib-python-headless
  opencv-python opencv-python-headless openpyxl opensearch-py opentelemetry-api opentelemetry-distro
  opentelemetry-exporter-otlp opentelemetry-exporter-otlp-proto-grpc opentelemetry-exporter-otlp-proto-http
  opentelemetry-exporter-prometheus opentelemetry-instrumentation opentelemetry-instrumentation-requests
  opentelemetry-proto opentelemetry-sdk opentelemetry-semantic-conventions opt-einsum optax optuna oracledb
  ordered-set orjson ortools osmium osmnx outcome outlines overrides packaging paddleocr paddlepaddle pandas
  pandas-datareader pandas-gbq pandas-profiling pandas-stubs pandas-ta pandasql pandera pandoc pandocfilters panel
  papermill parameterized paramiko parse parsel parso passlib paste pathlib2 pathos pathspec pathvalidate patool patsy
  pbr pdf2docx pdf2image pdfkit pdfminer-six pdfplumber pdm peewee peft pendulum pexpect pgvector phonenumbers
  pickleshare pika pikepdf pillow pillow-heif pinecone pint pip pip-tools pipdeptree pipenv pipx pkginfo platformdirs
  playwright plotly plotnine pluggy plumbum ply poetry poetry-core polars polars-runtime-32 polyline pony pooch
  portalocker posthog pot pre-commit preshed presto-python-client prettytable prison prodict progress progressbar2
  prometheus-client prompt-toolkit propcache prophet proto-plus protobuf psutil psycopg psycopg-binary psycopg-pool
  psycopg2 psycopg2-binary ptyprocess pure-eval pvlib py-cpuinfo py4j pyaes pyarrow pyasn1 pyasn1-modules pyasynchat
  pyasyncore pyaudio pyautogui pybind11 pyclipper pycodestyle pycountry pycparser pycryptodome pycryptodomex pycurl
  pydantic pydantic-ai pydantic-core pydantic-extra-types pydantic-settings pydash pydeck pydicom pydocstyle pydot
  pydotplus pydrive2 pydub pydyf pyee pyelftools pyerfa pyfakefs pyfiglet pyfirmata pyflakes pygal pygame pygithub
  pyglet pygments pygraphviz pygsheets pyhive pyinstaller pyinstrument pyjwt pykalman pylint pylint-django pymc pymc3
  pymdown-extensions pymediainfo pymongo pympler pymssql pymupdf pymupdf4llm pymysql pynacl pynamodb pynndescent
  pynput pyobjc pyodbc pyogrio pyomo pyopengl pyopenssl pypandoc pyparsing pypdf pypdf2 pypdfium2 pyperclip pyphen
  pypika pyproj pyproject-hooks pyqt5 pyqt5-sip pyqt6 pyqtgraph pyqtwebengine pyquery pyramid pyreadstat pyrebase4
  pyresparser pyrsistent pysam pyscf pyserial pyserial-asyncio pysftp pyshark pyshp pyside2 pyside6 pysimplegui pysmb
  pysnmp pysocks pyspark pyspellchecker pystan pystray pytesseract pytest pytest-asyncio pytest-benchmark pytest-cov
  pytest-django pytest-env pytest-forked pytest-html pytest-httpserver pytest-httpx pytest-metadata pytest-mock
  pytest-mypy pytest-randomly pytest-rerunfailures pytest-runner pytest-sugar pytest-timeout pytest-xdist python-bidi
  python-box python-crontab python-dateutil python-decouple python-docx python-dotenv python-editor python-engineio
  python-escpos python-gitlab python-gnupg python-http-client python-jenkins python-jose python-json-logger
  python-ldap python-levenshtein python-louvain python-magic python-multipart python-nmap python-pptx python-rapidjson
  python-slugify python-snappy python-socketio python-socks python-telegram-bot python-utils python-xlib pythonnet
  pytorch-lightning pytube pytz pytz-deprecation-shim pyusb pyvis pyvista pywavelets pywin32 pywinpty pyxlsb pyyaml
  pyzbar pyzipper pyzmq qdarkstyle qdrant-client qrcode qtconsole qtpy quantlib quart questionary rapidfuzz rasterio
  ratelim rawpy ray rcssmin readability-lxml readchar readme-renderer recommonmark redis referencing regex reportlab
  requests requests-cache requests-file requests-html requests-mock requests-ntlm requests-oauthlib requests-toolbelt
  resampy responses retry retrying rfc3339-validator rfc3986 rfc3986-validator rfc3987-syntax rich rich-argparse
  rich-click rope rpds-py rpi-gpio rpy2 rq rsa rtree ruamel-yaml ruamel-yaml-clib ruff runpod s3fs s3transfer
  sacrebleu safetensors salesforce-bulk sanic scapy schedule schema scikit-build scikit-fuzzy scikit-image
  scikit-learn scikit-learn-intelex scikit-misc scikit-network scikit-optimize scikit-surprise scipy scour scp scrapy
  seaborn secretstorage selenium selenium-wire semantic-kernel semantic-version semver send2trash sendgrid
  sentence-transformers sentencepiece sentry-sdk service-identity setproctitle setuptools setuptools-scm sgmllib3k sh
  shap shapely shellingham simple-salesforce simpleaudio simplejson simpy singledispatch six skl2onnx sklearn-pandas
  skops sktime slack-bolt slack-sdk slackclient slicer slowapi smart-open smbprotocol smbus2 smmap smolagents sniffio
  snowballstemmer snowflake-connector-python snowflake-sqlalchemy social-auth-core sortedcontainers sounddevice
  soundfile soupsieve spacy spacy-legacy spacy-loggers speechrecognition sphinx sphinx-rtd-theme
  sphinxcontrib-applehelp sphinxcontrib-htmlhelp sphinxcontrib-jsmath spotipy sqlalchemy sqlalchemy-utils sqlfluff
  sqlglot sqlite-utils sqlmodel sqlparse srsly sse-starlette sshtunnel sspilib stable-baselines3 stack-data
  standard-aifc standard-chunk standard-imghdr standard-nntplib standard-pipes standard-sndhdr standard-sunau
  standard-telnetlib standard-uu standard-xdrlib starlette statsmodels stevedore stopit strawberry-graphql streamlit
  stringcase stripe structlog suds supabase svglib svgwrite swifter sympy tableauserverclient tables tablib tabula-py
  tabulate tavily-python tblib telethon tenacity tensorboard tensorboard-data-server tensorflow tensorflow-cpu
  tensorflow-datasets tensorflow-hub tensorflow-io tensorflow-probability termcolor terminado terminaltables
  testcontainers testpath text-unidecode textblob textdistance textstat texttable textual tf-keras thefuzz thinc
  threadpoolctl tifffile tiktoken timm tinycss2 tinydb tinyhtml5 tldextract tokenizers toml tomli tomli-w tomlkit
  toolz torch torch-geometric torchaudio torchmetrics torchtext torchvision tornado tox tqdm trackpy trafilatura
  traitlets transformers transitions trimesh trino trio trio-websocket triton truststore tslearn tweepy twilio twine
  twisted txaio typeguard typer types-python-dateutil types-pytz types-pyyaml types-requests types-setuptools
  types-toml typing-extensions typing-inspect typing-inspection tzdata tzlocal ua-parser ujson umap-learn
  uncertainties undetected-chromedriver unidecode unidiff unittest-xml-reporting unstructured unyt uri-template
  uritemplate urllib3 urwid usaddress user-agents uvicorn uvloop vadersentiment validators vega-datasets vine
  virtualenv virtualenvwrapper vllm voluptuous waitress wand wandb wasabi watchdog watchfiles wcwidth weasel
  weasyprint weaviate-client webargs webcolors webdriver-manager webencodings webob websocket-client websockets
  webtest werkzeug wget wheel whitenoise whoosh widgetsnbextension wikipedia wikipedia-api willow word2number
  wordcloud wrapt wsproto wtforms wxpython xarray xarray-einstats xgboost xhtml2pdf xlrd xlsx2csv xlsxwriter xlutils
  xlwings xlwt xmlschema xmlsec xmltodict xxhash xyzservices yagmail yapf yarl yfinance youtube-dl
  youtube-transcript-api yt-dlp zarr zeep zeroconf zict zipp zope-deprecation zope-event zope-interface zope-proxy
  zopfli zstandard
`)

/** Real packages that are less well known: mostly such as have a name near one of those above. */
const NEIGHBOURS = names(`
  aioboto3 aiobreaker aiohttp-retry aiohttp-sse aiokafka aioquic aiormq alpaca-py arq async-property asyncio-mqtt
  atlassian-python-api autogluon automat awscli awswrangler azure-mgmt-keyvault beanie bioframe bitstruct blackjax
  bleak blosc blosc2 boto braintree burnysc2 cashews celluloid cerberus chainlit chalice cirq clickhouse-connect
  clickhouse-driver cmdstanpy cobra coiled colored colour colour-science commonmark configobj crcmod crewai-tools
  crochet css-html-js-minify cssselect cssselect2 cssutils csvs-to-sqlite cuda-python curlify cutadapt cyclopts
  dataset datasette datashader deap deeplake delta-spark deltalake demjson3 detox devtools dictdiffer diffusers
  dirhash discord-py dlib dnspython3 dominate dotmap duckduckgo-search dynaconf edge-tts eel elastic-transport ephem
  eth-abi eth-account evaluate exchangelib exifread fastcore fastdtw fastprogress fasttext-wheel fastuuid ffmpeg
  filterpy findspark flaky flaml flasgger flashtext flask-caching flask-jwt-extended flask-mail flask-restx flit
  fuzzysearch gekko genson geocoder geoip2 gitlint googletrans gprof2dot graphql-relay grequests groq gym-notices
  hatchling hmmlearn html5-parser http3 httpbin httpie hupper ibis-framework identify img2table inquirer intake
  interpret ipdb isal itemadapter itemloaders ixmp jdatetime jiwer joypy jproperties jsmin json-log-formatter
  json-logging jsonargparse jsondiff jsonmerge jsonnet jsons junitparser kazoo keras-tuner kivy koalas kombi lancedb
  langfuse lifelines logbook logzero lunardate lupa lxml-html-clean magicattr mariadb markdown-exec markuppy maturin
  mdformat mesa mock mockito mongomock monotonic msgpack-numpy nanoid napari nats-py netmiko ngrok nilearn nipype
  node2vec notion numpyro nutils oauth2 obspy oci onnxmltools opacus openapi-core openapi-spec-validator opencage
  openmeteo-requests openturns osqp oss2 outdated paho-mqtt palettable panda3d pandarallel pandas-market-calendars
  pandasai parquet patch path pathy pdfrw pdftotext pedantic peppercorn petl petname pex pgeocode phonopy plac plotext
  plyer plyfile pmdarima pockets portpicker poyo praw primp progressbar promise psycogreen ptpython publicsuffix2 pulp
  py py7zr pyaml pyannote-audio pycairo pycaret pycocotools pycollada pydantic-yaml pydmd pyexcel pyfftw pyflux
  pyforest pygam pygeos pygobject pygtrie pyhocon pyjson5 pylatex pylibmc pymatgen pymeeus pymisp pymodbus pymoo
  pynetbox pynvml pyod pyotp pypng pyproject-api pyrogram pyroute2 pysaml2 pyscreeze pysolr pyswarms pyte pytest-bdd
  pytest-docker pytest-flask pytest-order pytest-subtests python-barcode python-binance python-consul python-dxf
  python-frontmatter python-gflags python-i18n python-keycloak python-magic-bin python-mimeparse python-redis-lock
  python-rtmidi python-sat python-statemachine python-vlc python-whois python3-openid python3-saml pytils pytimeparse
  pytrends pyttsx3 pywebview pyxdg qiskit ratelimit redis-py-cluster redlock reedsolo replicate requests-aws4auth
  requests-futures requests-ratelimiter requests-unixsocket resend rfc3987 river rjsmin roman sacremoses scanpy
  schemathesis scikit-bio scikit-plot scikit-video scrapy-splash sdv seleniumbase sgp4 shapash shortuuid simpleeval
  snakemake snowplow-tracker solara spark-nlp spglib sphinx-autobuild sqlalchemy-jsonfield sqlite-vec sqlite3-to-mysql
  stanza starlark statsforecast stomp-py stumpy swig syrupy tabcompleter tabpfn tdigest telebot testfixtures text2num
  tika tinysegmenter together torchdiffeq torchinfo torchsde torchsummary torchx tpot traits treelib tsfresh
  ttkbootstrap typed-ast typish tyro ufolib2 uncompyle6 unittest2 uproot urlextract urllib3-future userpath uv uwsgi
  vcrpy vedo visdom vispy vtk wavio web3 webrtcvad wheel-filename wikitextparser workalendar xdis xgboost-ray
  xlcalculator xlib xlsx2html xmljson xonsh yacs yamllint yappi yargy ydata-profiling yq zhconv zope-component
  zope-schema zstd
`)

/** Names that slips are measured against. */
export const WELL_KNOWN_PACKAGES: ReadonlySet<string> = new Set(WELL_KNOWN)
/** Names that are never taken for a slip. */
export const KNOWN_PACKAGES: ReadonlySet<string> = new Set([...WELL_KNOWN, ...NEIGHBOURS])
