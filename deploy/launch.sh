# Sourced by the start scripts of this folder: builds what a program needs, unless nothing has changed since the last time.
#
# The script sets before:
#   suite, home    the suite's folder and the program's
#   program        its name, for messages
#   modules        all modules that it is built of, as paths from the suite's folder
#   artifacts      files and folders that must be there besides its own classes (patterns are expanded here)
#   first_build    what the first build costs, for a message
# Afterwards: find_jdk prints the folder of a JDK, ensure_built builds; then $home/target/classes and the jars in
# $classpath_file are what Java needs. terminal and columns tell where the output goes.

log=$home/target/build.log
stamp=$home/target/build.stamp
classpath_file=$home/target/run.classpath

terminal=false
columns=80
if [[ -t 1 && ${TERM:-dumb} != dumb ]]; then
  terminal=true
  columns=$(stty size 2>/dev/null </dev/tty | cut -d' ' -f2) || columns=80
  [[ ${columns:-0} -gt 0 ]] || columns=80
fi

problem() {
  printf '%s: %s\n' "$program" "$1" >&2
  (($# == 1)) || printf '  %s\n' "${@:2}" >&2
  exit 1
}

# The version of the JDK in a folder, or 0.
jdk_version() {
  local version
  [[ -x $1/bin/javac && -x $1/bin/java ]] || { echo 0; return; }
  # Not its errors too: JAVA_TOOL_OPTIONS is told there.
  version=$("$1/bin/javac" -version 2>/dev/null) || { echo 0; return; }
  version=${version#javac }
  version=${version#1.}
  version=${version%%[!0-9]*}
  echo "${version:-0}"
}

find_jdk() {
  local candidate on_path=
  if command -v javac >/dev/null; then
    on_path=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
  fi
  for candidate in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* \
      /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if [[ -n $candidate && $(jdk_version "$candidate") -ge 17 ]]; then
      echo "$candidate"
      return
    fi
  done
  problem "No JDK 17 or newer was found (a runtime without javac is not enough)." \
    "Install one, on Debian or Ubuntu: apt-get install openjdk-17-jdk-headless maven" \
    "or set JAVA_HOME to the folder of a JDK that is there."
}

find_maven() {
  local candidate version
  for candidate in "${MAVEN_HOME:+$MAVEN_HOME/bin/mvn}" "$(command -v mvn || true)"; do
    if [[ -x $candidate ]]; then
      version=$("$candidate" -version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p' | head -1) || version=
      if [[ -n $version && $(printf '%s\n3.8.7\n' "$version" | sort -V | head -1) == 3.8.7 ]]; then
        echo "$candidate"
        return
      fi
    fi
  done
  problem "No Maven 3.8.7 or newer was found." \
    "Install it, on Debian or Ubuntu: apt-get install maven" \
    "or set MAVEN_HOME to the folder of a Maven that is there."
}

up_to_date() {
  local module sources=("$suite/pom.xml" "$suite/deploy/pom.xml") jars file pattern
  [[ -f $stamp && -f $classpath_file ]] || return 1
  for module in "${modules[@]}"; do
    sources+=("$suite/$module/pom.xml")
    [[ ! -d $suite/$module/src ]] || sources+=("$suite/$module/src")
  done
  [[ -z $(find "${sources[@]}" -newer "$stamp" -print -quit) ]] || return 1
  # Also gone after a "mvn clean", or when the local repository was emptied.
  IFS=: read -r -a jars <"$classpath_file"
  for file in "${jars[@]}" "$home/target/classes"; do
    [[ -e $file ]] || return 1
  done
  for pattern in "${artifacts[@]}"; do
    compgen -G "$pattern" >/dev/null || return 1
  done
}

# Shows how far the build is until it ends: the module, and how many files were downloaded.
show_build() {
  local pid=$1 start=$SECONDS repository=$HOME/.m2/repository building='' last='' downloads=0
  while kill -0 "$pid" 2>/dev/null; do
    building=$(sed -n 's/.*Building \(NATS KV.*[a-z]\) [0-9][0-9.]* .*\(\[[0-9]*.[0-9]*\]\).*/\1 \2/p' "$log" | tail -1)
    if $terminal; then
      # Looking through the repository takes a moment: not each time.
      if (( (SECONDS - start) % 4 == 0 )) && [[ -d $repository ]]; then
        downloads=$(find "$repository" -name '*.jar' -newer "$log.start" | wc -l)
      fi
      printf '\r\033[KBuilding ... %d s  %s%s' $((SECONDS - start)) "$building" \
        "$( ((downloads == 0)) || printf '  (%d jars downloaded)' "$downloads")"
      sleep 0.5
    else
      if [[ -n $building && $building != "$last" ]]; then
        echo "  $building"
        last=$building
      fi
      sleep 1
    fi
  done
  ! $terminal || printf '\r\033[K'
}

build_failed() {
  if grep -qE 'Could not transfer|failed to transfer|Unknown host|UnknownHostException|Network is unreachable|Connection refused|Connect timed out|status code: (407|5[0-9][0-9])|offline mode' "$log"; then
    problem "The build could not download what it needs." \
      "Check the network; behind a proxy or with a mirror of your own, set it in ~/.m2/settings.xml." \
      "First error: $(grep -m1 -E 'ERROR.*(transfer|Unknown|resolve|offline)' "$log" | cut -c1-300)" \
      "The whole log: $log"
  fi
  grep -m12 'ERROR' "$log" | cut -c1-300 >&2 || tail -12 "$log" >&2
  problem "The build failed. The whole log: $log"
}

build() {
  local maven pid=
  maven=$(find_maven)
  : >"$log.start"
  $terminal || echo "Building $program and what it needs ($first_build) ..."
  # Sources that change while the build runs are newer than it.
  touch "$stamp.new"
  trap 'kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; exit 130' INT TERM HUP
  (
    cd "$suite"
    exec "$maven" -B -U -pl "${home#"$suite"/}" -am package \
      -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false
  ) >"$log" 2>&1 </dev/null &
  pid=$!
  show_build "$pid"
  wait "$pid" || build_failed
  trap - INT TERM HUP
  mv "$stamp.new" "$stamp"
  echo "Built in $((SECONDS)) s."
}

ensure_built() {
  mkdir -p "$home/target"
  if command -v flock >/dev/null; then
    # A second start from the same folder waits for the build of the first.
    exec 9>"$home/target/build.lock"
    flock 9
  fi
  if up_to_date; then
    echo "The build is up to date."
  else
    build
  fi
  exec 9>&-
}
