"""The tasks of this project: `nox --list` shows them, `nox -s NAME` runs one."""

import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "venv"
nox.options.sessions = ["tests", "lint", "typecheck"]

PYPROJECT = nox.project.load_toml("pyproject.toml")
CONSTRAINTS = ("--constraint", "constraints.txt")
KERAS_BACKENDS = ("tensorflow", "jax", "torch")
WAYS = ("tests/test_ways.py", *(f"tests/adapters/test_{name}_ways.py" for name in ("torch", "jax", "keras")))
# The backends of the tests that need no framework, the tests of the core that do, and those of all else.
BARE = {"BACKENDS": "numpy strict strict-lazy"}
BY_FRAMEWORKS = ("losses/test_normalizer.py", "test_errors.py")
BEYOND = ("adapters", "benchmarks", "checks", "fuzz/test_states.py", "test_readme.py", "test_reproducible.py")
OF_THE_CORE = [f"--ignore=tests/{name}" for name in BEYOND]
WITHOUT_FRAMEWORKS = [*OF_THE_CORE, *(f"--ignore=tests/{name}" for name in BY_FRAMEWORKS)]
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu"}


def install(session: nox.Session, group: str) -> None:
    """Install a dependency group in the pinned versions, and the package itself."""
    session.install(*CONSTRAINTS, *nox.project.dependency_groups(PYPROJECT, group))
    session.install(*CONSTRAINTS, "--editable", ".")


@nox.session
def tests(session: nox.Session) -> None:
    """Test everything, Keras on each of its backends."""
    install(session, "tests")
    parallel = () if session.posargs else ("--numprocesses=2",)
    session.run("pytest", *parallel, *session.posargs, env={**QUIET, "KERAS_BACKEND": "tensorflow"})
    if not session.posargs:
        for backend in KERAS_BACKENDS[1:]:
            # The tests of devices choose their backends themselves.
            selected = ("tests/adapters", "-k", "keras and not devices")
            session.run("pytest", *parallel, *selected, env={**QUIET, "KERAS_BACKEND": backend})


@nox.session
def ways(session: nox.Session) -> None:
    """Run every loss in every way, which takes minutes to compile, and write the guide's page of them."""
    install(session, "tests")
    session.run("python", "-m", "ways", env={"PYTHONPATH": "tests"})
    session.run("pytest", *WAYS, env={**QUIET, "EVERY_WAY": "1"})
    for backend in KERAS_BACKENDS[1:]:
        session.run("pytest", WAYS[-1], env={**QUIET, "EVERY_WAY": "1", "KERAS_BACKEND": backend})


@nox.session
def bare(session: nox.Session) -> None:
    """Test the core where no framework is installed."""
    install(session, "bare")
    session.run("pytest", *WITHOUT_FRAMEWORKS, *session.posargs, env=BARE)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """Test everything in the lowest versions that pyproject.toml admits."""
    session.install(*CONSTRAINTS, "uv")
    versions = f"{session.create_tmp()}/lowest.txt"
    choice = ("--extra", "all", "--resolution", "lowest-direct", "--output-file", versions)
    session.run("uv", "pip", "compile", "--quiet", *choice, "pyproject.toml")
    session.install("--requirement", versions)
    session.install("--constraint", versions, *nox.project.dependency_groups(PYPROJECT, "lowest"))
    session.install("--no-deps", "--editable", ".")
    # Old versions warn of what newer ones of others have changed.
    quiet = ("-W", "ignore::DeprecationWarning", "-W", "ignore::FutureWarning")
    # The page quotes Click, whose words are of its version.
    others = ("--deselect", "tests/test_errors.py::test_the_page_is_what_the_declarations_give")
    session.run("pytest", *quiet, *others, *session.posargs, env={**QUIET, "KERAS_BACKEND": "tensorflow"})


@nox.session
def coverage(session: nox.Session) -> None:
    """Test the core, and require that every branch of it is taken."""
    install(session, "coverage")
    options = ("--cov", "--cov-report=term-missing:skip-covered", "--cov-fail-under=100")
    session.run("pytest", *OF_THE_CORE, *options, *session.posargs, env={**QUIET, **BARE})


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the code here and there, and see whether the tests notice: all groups of files, or some."""
    install(session, "mutation")
    groups = session.posargs or session.run("python", "-m", "mutation.groups", silent=True).split()
    session.run("python", "-m", "mutation", *groups, env={**QUIET, "KERAS_BACKEND": "tensorflow"})


@nox.session
def scrutiny(session: nox.Session) -> None:
    """Test the losses and adapters with JAX's search for NaNs, PyTorch's for anomalies, and determinism."""
    install(session, "tests")
    environment = {**QUIET, "KERAS_BACKEND": "tensorflow", "SCRUTINY": "1"}
    session.run("pytest", *(session.posargs or ("tests/losses", "tests/adapters")), env=environment)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting."""
    session.install(*CONSTRAINTS, *nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check the types of the package."""
    session.install(*CONSTRAINTS, *nox.project.dependency_groups(PYPROJECT, "typecheck"))
    session.install(*CONSTRAINTS, ".")  # mypy does not follow an editable install
    root = session.invoked_from
    session.chdir(session.create_tmp())  # nor should it take the folder `coupling` for the whole package
    session.run("mypy", "--config-file", f"{root}/pyproject.toml", "-p", "coupling")


@nox.session(name="benchmark-torch")
def benchmark_torch(session: nox.Session) -> None:
    """Train digits and small faces in PyTorch, the main job, or what `-- --suite` names."""
    benchmark(session, "torch")


@nox.session(name="benchmark-keras")
def benchmark_keras(session: nox.Session) -> None:
    """Train digits and small faces in Keras, on the backend of KERAS_BACKEND (TensorFlow by default)."""
    benchmark(session, "keras")


@nox.session(name="benchmark-jax")
def benchmark_jax(session: nox.Session) -> None:
    """Train digits and small faces in JAX."""
    benchmark(session, "jax")


@nox.session
def smoke(session: nox.Session) -> None:
    """Run a small part of every benchmark, and the comparison of the frameworks."""
    install(session, "benchmarks")
    for framework in ("torch", "keras", "jax"):
        options = ("--smoke", "--output", f"{session.create_tmp()}/{framework}")
        session.run("python", "-m", "benchmarks", framework, *options)
    session.run("python", "-m", "benchmarks", "parity")
    session.run("python", "-m", "benchmarks", "estimation", "--rows", "100000")


@nox.session
def errors(session: nox.Session) -> None:
    """Write the page of all errors, by running them."""
    install(session, "tests")
    session.run("python", "tests/errors.py", env={**QUIET, "KERAS_BACKEND": "tensorflow"})


@nox.session(python="3.11")
def fuzz(session: nox.Session) -> None:
    """Fuzz the readers of files, guided by coverage, for 60 seconds each, or as many as are given."""
    install(session, "tests")
    session.install(*CONSTRAINTS, *nox.project.dependency_groups(PYPROJECT, "fuzz"))
    for target in ("load", "text", "parquet"):
        seconds = session.posargs or ("60",)
        session.run("python", "tests/fuzz/explore.py", target, *seconds, env=QUIET)
    session.run("pytest", "tests/fuzz", env={**QUIET, "HYPOTHESIS_PROFILE": "explore"})


@nox.session
def killed(session: nox.Session) -> None:
    """Kill a benchmark at fifty random times, and see that it goes on and ends as if nothing had been."""
    install(session, "tests")
    session.run("pytest", "-s", "tests/benchmarks/test_killed.py", env={**QUIET, "KILLS": "50"})


@nox.session(name="benchmark-estimation")
def benchmark_estimation(session: nox.Session) -> None:
    """Count ten million annotations against a group-by of pandas."""
    benchmark(session, "estimation")


@nox.session
def parity(session: nox.Session) -> None:
    """Train one network in all three frameworks and compare every step."""
    benchmark(session, "parity")


@nox.session
def accuracy(session: nox.Session) -> None:
    """Measure the errors of every loss on every backend, and write docs/accuracy.md."""
    install(session, "tests")
    session.run("python", "-m", "checks.accuracy", *session.posargs, env=QUIET)


@nox.session
def gpu(session: nox.Session) -> None:
    """Hold the losses of PyTorch and JAX on a CUDA device against the oracle."""
    session.install("mpmath", "torch", "jax[cuda12]", ".")
    session.run("python", "-m", "checks.gpu", *session.posargs)


def benchmark(session: nox.Session, job: str) -> None:
    """Run one job of the benchmarks with the arguments given after `--`."""
    install(session, "benchmarks")
    session.run("python", "-m", "benchmarks", job, *session.posargs)
