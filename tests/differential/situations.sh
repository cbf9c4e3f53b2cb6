# Each section is run with both programs: `h` runs helm, `put` writes a file. tests/differential/situations.py has the rest.

## a lock that is out of sync
h dependency update parent
put parent/Chart.yaml <<X
apiVersion: v2
name: parent
version: 0.1.0
dependencies:
- {name: demo, version: 0.1.0, repository: WEB}
X
h dependency build parent
h dependency list parent
rm parent/Chart.lock
h dependency build parent
h dependency build parent --skip-refresh
cat parent/Chart.lock
rm -r parent/charts
h dependency build parent
h package parent
printf 'a: [\n' >parent/Chart.lock
h dependency build parent
h dependency update parent
h template x parent
printf 'digest: x\n' >parent/Chart.lock
h dependency build parent
: >parent/Chart.lock
h dependency build parent

## a lock of Helm 2
put old/Chart.yaml <<X
apiVersion: v1
name: old
version: 0.1.0
X
put old/requirements.yaml <<X
dependencies:
- {name: demo, version: ^0.1, repository: WEB}
X
h dependency list old
h dependency update old
cat old/requirements.lock
sed -i s/^..version.*/'  version: 0.1.1'/ old/requirements.lock
h dependency build old
h dependency list old
h package old -u
h lint old

## dependencies without repository and on the disk
put one/Chart.yaml <<X
apiVersion: v2
name: one
version: 0.1.0
dependencies:
- {name: demo, version: 0.1.0, repository: ""}
- {name: two, version: 9.9.9, repository: "file://../two"}
- {name: two, alias: again, version: ">=1", repository: "file://../two"}
- {name: three, version: "*", repository: "file:///nowhere"}
X
put two/Chart.yaml <<X
apiVersion: v2
name: two
version: 1.2.3
X
h dependency update one
h dependency list one
mkdir one/charts; cp -r demo one/charts/demo
h dependency update one
sed -i '/9.9.9/d;/three/d' one/Chart.yaml
h dependency update one
ls one/charts; cat one/Chart.lock
h dependency build one
h dependency list one
h template x one
sed -i 's/1.2.3/2.0.0/' two/Chart.yaml
h dependency build one
h dependency list one
sed -i 's/>=1/~3/' one/Chart.yaml
h dependency build one
h dependency update one

## aliases twice and conditions
put one/Chart.yaml <<X
apiVersion: v2
name: one
version: 0.1.0
dependencies:
- {name: demo, alias: first, version: 0.1.0, repository: WEB, condition: first.enabled}
- {name: demo, alias: first, version: 0.1.0, repository: WEB}
- {name: demo, alias: third, version: 0.1.0, repository: WEB, tags: [never]}
X
h dependency update one
h template x one
h template x one --set first.enabled=false,tags.never=false
h lint one
sed -i 's/alias: third/alias: "not good!"/' one/Chart.yaml
h dependency update one
h lint one
h template x one

## repositories of dependencies that are unknown
put one/Chart.yaml <<X
apiVersion: v2
name: one
version: 0.1.0
dependencies:
- {name: demo, version: 0.1.0, repository: "@missing"}
- {name: demo, version: 0.1.0, repository: "alias:known"}
- {name: demo, version: 0.1.0, repository: "http://127.0.0.1:1/none"}
X
h dependency update one
h dependency build one
h dependency list one
sed -i '/@missing/d' one/Chart.yaml
h dependency update one
h dependency update one --skip-refresh
sed -i '/none/d' one/Chart.yaml
h dependency update one --skip-refresh
h dependency update one
sed -i 's/0.1.0, rep/8.8.8, rep/' one/Chart.yaml
h dependency update one
sed -i 's/8.8.8, rep/not a version, rep/' one/Chart.yaml
h dependency update one
sed -i 's/name: demo/name: nodemo/' one/Chart.yaml
h dependency update one
sed -i 's/alias:known/known/' one/Chart.yaml
h dependency update one

## dependencies from a registry
h push demo-0.1.0.tgz oci://REGISTRY/deps --plain-http
put one/Chart.yaml <<X
apiVersion: v2
name: one
version: 0.1.0
dependencies:
- {name: demo, version: ">=0.1", repository: "oci://REGISTRY/deps"}
X
h dependency update one --plain-http
h dependency build one --plain-http
h dependency list one
h dependency update one
sed -i 's/>=0.1/>5/' one/Chart.yaml
h dependency update one --plain-http
sed -i 's/deps/nothing/' one/Chart.yaml
h dependency update one --plain-http
h dependency build one --plain-http

## pull from a registry by digest and range
for v in 0.1.0 0.2.0 1.0.0 1.1.0-rc.1 1.0.0+build.5; do h package demo --version $v -d v; h push v/demo-$v.tgz oci://REGISTRY/many --plain-http; done
h pull oci://REGISTRY/many/demo --plain-http
h pull oci://REGISTRY/many/demo --plain-http --version '^0.1'
h pull oci://REGISTRY/many/demo --plain-http --version '>=0.1 <1'
h pull oci://REGISTRY/many/demo --plain-http --version '>2'
h pull oci://REGISTRY/many/demo --plain-http --version 'x.y'
h pull oci://REGISTRY/many/demo --plain-http --devel
h pull oci://REGISTRY/many/demo --plain-http --version 1.0.0+build.5
h pull oci://REGISTRY/many/demo:1.0.0 --plain-http
h pull oci://REGISTRY/many/demo:1.0.0 --plain-http --version 0.2.0
h pull oci://REGISTRY/many/demo:1.0.0 --plain-http --version ^1
h pull oci://REGISTRY/many/demo:latest --plain-http
h pull oci://REGISTRY/many/none --plain-http
h pull oci://REGISTRY --plain-http
h pull oci:// --plain-http
h pull oci://REGISTRY/many/demo --plain-http --prov --version 1.0.0
h pull oci://REGISTRY/many/demo --plain-http --verify --version 1.0.0
h pull oci://REGISTRY/many/demo --plain-http --version 1.0.0 --untar --untardir u
h pull oci://REGISTRY/many/demo --plain-http --version 1.0.0 --untar --untardir u
h pull oci://REGISTRY/many/demo --repo WEB
h pull oci://REGISTRY/many/demo --version 1.0.0
digest=$(helm pull oci://REGISTRY/many/demo --plain-http --version 0.1.0 2>&1 | sed -n 's/.*Digest: //p')
h pull oci://REGISTRY/many/demo@$digest --plain-http
h pull oci://REGISTRY/many/demo:0.2.0@$digest --plain-http
h pull oci://REGISTRY/many/demo@sha256:0000000000000000000000000000000000000000000000000000000000000000 --plain-http
h pull oci://REGISTRY/many/demo@sha256:00 --plain-http
h show chart oci://REGISTRY/many/demo@$digest --plain-http
h template x oci://REGISTRY/many/demo@$digest --plain-http --version 0.1.0
h template x oci://REGISTRY/many/demo --plain-http --version 0.2.0
ls

## show of a registry and of addresses
h show chart oci://REGISTRY/charts/demo --plain-http
h show all oci://REGISTRY/charts/demo --plain-http --version 0.1.0
h show values oci://REGISTRY/charts/demo --plain-http --version 9
h show readme WEB/demo-0.1.0.tgz
h show chart WEB/none.tgz
h show chart WEB
h show values demo --repo WEB
h show values demo --repo WEB --version 0.2.0-rc.1
h show values demo --repo WEB --devel
h show chart demo --repo WEB/more
h show chart none --repo WEB/more
h show chart demo --repo WEB/broken
h show chart demo --repo WEB/nothing
h show chart demo --repo not-an-address
h show crds WEB/demo-0.1.0.tgz
h show all WEB/more/other-1.2.3.tgz
h show chart known/none
h show chart unknown/demo
h show chart known/demo --version 7
h show values known/demo --jsonpath '{.a.b}'
h show chart demo-0.1.0.tgz --version 3
h show chart 'WEB/more/other-1.2.3+build.7.tgz'
h show chart ftp://x/demo.tgz

## sign with several keys
h package demo --sign --key berta --keyring rings.gpg
h package demo --sign --key 'berta two' --keyring rings.gpg
h verify demo-0.1.0.tgz --keyring rings.gpg
h package demo --sign --key anna --keyring rings.gpg
h verify demo-0.1.0.tgz --keyring rings.gpg
h verify demo-0.1.0.tgz --keyring ring.gpg
h package demo --sign --key nobody --keyring rings.gpg
h package demo --sign --keyring rings.gpg
h package demo --sign --key '' --keyring rings.gpg
h package demo --sign --key anna
h package demo --sign --key anna --keyring values.yaml
h package demo --sign --key anna --keyring none.gpg
printf 'open\n' >pass; printf wrong >bad; printf 'open\nmore\n' >two
h package demo --sign --key 'berta <a@x>' --keyring rings.gpg --passphrase-file pass
h package demo --sign --key 'a@x' --keyring rings.gpg --passphrase-file pass
h verify demo-0.1.0.tgz --keyring rings.gpg
h package demo --sign --key 'a@x' --keyring rings.gpg --passphrase-file bad
h package demo --sign --key 'berta <a@x>' --keyring rings.gpg --passphrase-file bad
h package demo --sign --key 'berta <a@x>' --keyring rings.gpg --passphrase-file two
h package demo --sign --key 'berta <a@x>' --keyring rings.gpg --passphrase-file none
h package demo --sign --key 'berta <a@x>' --keyring rings.gpg --passphrase-file - <pass
h package demo --sign --key 'berta <a@x>' --keyring rings.gpg --passphrase-file - <bad
h package demo --sign --key 'berta <a@x>' --keyring rings.gpg --passphrase-file - </dev/null
h package demo --sign --key 'berta <a@x>' --keyring rings.gpg </dev/null
h package demo --sign --key anna --keyring ring.gpg --passphrase-file -  <pass
h package demo signed broken --sign --key anna --keyring ring.gpg
h package demo --sign --key anna --keyring ring.gpg -d elsewhere/deep
h package none --sign --key anna --keyring ring.gpg

## verify what was tampered with
cp signed-0.1.0.tgz s.tgz; cp signed-0.1.0.tgz.prov s.tgz.prov
h verify s.tgz --keyring ring.gpg
cp signed-0.1.0.tgz.prov good
printf x >>signed-0.1.0.tgz
h verify signed-0.1.0.tgz --keyring ring.gpg
h template x signed-0.1.0.tgz --verify --keyring ring.gpg
h lint signed-0.1.0.tgz
for change in 's/0.1.0/0.2.0/' 's/sha256:./sha256:/' '/BEGIN PGP SIGNED/d' '/BEGIN PGP SIGNATURE/,$d' '/^=/d' 's/^Hash.*/Hash: MD5/' '/^$/d' 's/^files:/archives:/' 's/^\.\.\.$/---/' '1,3d'; do
sed "$change" good >signed-0.1.0.tgz.prov
h verify signed-0.1.0.tgz --keyring ring.gpg
done
: >signed-0.1.0.tgz.prov
h verify signed-0.1.0.tgz --keyring ring.gpg
rm signed-0.1.0.tgz.prov
h verify signed-0.1.0.tgz --keyring ring.gpg
h verify none.tgz --keyring ring.gpg
h verify demo --keyring ring.gpg
h verify .
h verify signed-0.1.0.tgz --keyring none.gpg
mkdir d.tgz; h verify d.tgz --keyring ring.gpg
gpg --homedir ../../gnupg --batch --quiet --armor --export anna >armoured.asc 2>/dev/null
cp good s.tgz.prov
h verify s.tgz --keyring armoured.asc
h verify s.tgz --keyring rings.gpg
: >empty.gpg
h verify s.tgz --keyring empty.gpg

## repositories added again
h repo add known WEB
h repo add known WEB/more
h repo add known WEB/more --force-update
h repo list
h repo add known WEB/broken --force-update
h repo add new WEB/broken
h repo add new WEB/empty
h repo add new WEB/old
h repo add new WEB/nothing
h repo add new WEB/moved
h repo add other/name WEB
h repo add '' WEB
h repo add new ''
h repo add new nope
h repo add new ftp://h/x
h repo add new oci://h/x
h repo add new http://127.0.0.1:1
h repo add new https://charts.helm.sh/stable
h repo add slash WEB/
h repo add slash WEB
h repo add user WEB --username me --password secret
h repo add user WEB --username me --password secret
h repo add user WEB --username me --password other
printf 'typed' | h repo add piped WEB --username me --password-stdin
h repo add query 'WEB/?a=b'
h repo list -o yaml
h repo list -o json
h repo list -o table
h repo list -o nothing
h repo list extra
cat ../.config/helm/repositories.yaml
h repo remove known new none
h repo remove known
h repo remove
h repo list
h repo update

## one of three repositories is broken
h repo add more WEB/more
h repo add third WEB
sed -i 's|WEB/more|WEB/broken|' ../.config/helm/repositories.yaml
h repo update
h repo update more
h repo update known third
h repo update known none
h repo update known known
sed -i 's|WEB/broken|http://127.0.0.1:1|' ../.config/helm/repositories.yaml
h repo update
h repo update more
h search repo demo
h dependency update parent
h pull more/demo
rm ../.cache/helm/repository/more-index.yaml
h search repo demo
h pull more/demo
h repo update third
sed -i '/name: more/,/url/d' ../.config/helm/repositories.yaml
h search repo -l

## repo update of broken repositories (Helm 3)
h repo add more WEB/more
sed -i 's|WEB/more|WEB/broken|' ../.config/helm/repositories.yaml
h repo update --fail-on-repo-update-fail
h repo update more --fail-on-repo-update-fail

## repositories.yaml that is not good
printf 'a: [\n' >../.config/helm/repositories.yaml
h repo list
h repo add new WEB
h repo update
h search repo x
h pull known/demo
h dependency update parent
printf 'apiVersion: v1\nrepositories:\n- name: a\n' >../.config/helm/repositories.yaml
h repo list
h repo update
h repo remove a
printf 'repositories: none\n' >../.config/helm/repositories.yaml
h repo list
: >../.config/helm/repositories.yaml
h repo list
h repo add new WEB
cat ../.config/helm/repositories.yaml
rm -r ../.config/helm/repositories.yaml
h repo list
h repo update
h repo remove x
h search repo x
h pull x/y
h repo list -o json
mkdir ../.config/helm/repositories.yaml
h repo list
h repo add new WEB

## search
h repo add more WEB/more
h search repo
h search repo demo
h search repo demo --devel
h search repo demo -l
h search repo demo -l --devel
h search repo demo --version '^1'
h search repo demo --version '^1' -l
h search repo demo --version '>0-0'
h search repo demo --version 'x.y.z.'
h search repo demo --version '>0-0' -l -o yaml
h search repo demo -o json
h search repo -r 'd.m.' -l
h search repo -r '^more/' --max-col-width 10
h search repo -r '(' 
h search repo -r '\vdemo'
h search repo '(' 
h search repo long --max-col-width 0
h search repo long --max-col-width 5
h search repo long --max-col-width 20
h search repo testing
h search repo TESTING
h search repo kind-demo testing
h search repo 'the chart'
h search repo nothing
h search repo nothing -o json
h search repo nothing -o yaml
h search repo nothing --fail-on-no-result
h search repo demo --fail-on-no-result -o json
h search repo more/demo known/demo
h search repo known/
h search hub nothing --endpoint WEB
h search hub demo --endpoint WEB --list-repo-url
h search hub demo --endpoint WEB -o yaml
h search hub demo --endpoint WEB/none
h search hub demo --endpoint nope
h search hub demo --endpoint http://127.0.0.1:1

## lint of several charts
h lint
h lint demo broken parent
h lint demo demo-0.1.0.tgz
h lint demo none
h lint none
h lint demo --strict --quiet
h lint broken --quiet
h lint demo broken --quiet
h lint parent --with-subcharts
h dependency update parent
h lint parent --with-subcharts --strict
h lint values.yaml
h lint .
h lint demo --set a=1 --kube-version 1.20
h lint demo -f broken.yaml
h lint demo -f none.yaml
put demo/values.schema.json <<X
{"type": "object", "properties": {"text": {"type": "integer"}}, "required": ["more"]}
X
h lint demo
h lint demo --set text=1,more=1
h lint demo --skip-schema-validation
h template x demo
put demo/values.schema.json <<X
{"type": "obj
X
h lint demo
h template x demo
h package demo
rm demo/values.yaml demo/values.schema.json
h lint demo
put demo/templates/old.yaml <<X
apiVersion: extensions/v1beta1
kind: Ingress
metadata:
  name: i
---
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata:
  name: Not_Good
X
h lint demo
h lint demo --kube-version 1.15
h lint demo --strict

## create and starters
h create mine
h create mine
h create mine -p demo
h create from-starter -p demo
h create from-starter -p none
h create "$PWD/deep/down/chart" -p "$HOME/.local/share/helm/starters/demo"
h create Bad_Name.x
h create ''
h create 'has space'
h create a/b/c
put ../.local/share/helm/starters/mine/Chart.yaml <<X
apiVersion: v1
name: <CHARTNAME>
version: 9.9.9
description: about <CHARTNAME>
keywords: [a]
X
put ../.local/share/helm/starters/mine/templates/x.yaml <<X
name: <CHARTNAME>-{{ .Values.x }}
X
put ../.local/share/helm/starters/mine/values.yaml <<X
# <CHARTNAME>
x: <CHARTNAME>
X
h create second -p mine
put ../.local/share/helm/starters/mine/README.md <<X
<CHARTNAME> of <CHARTNAME>
X
h create third -p mine
h lint second mine
h template x mine --set ingress.enabled=true,autoscaling.enabled=true
h package mine
chmod 000 ../.local/share/helm/starters/mine/values.yaml
printf x >plain
h create plain
h create plain/under

## plugins of Helm 3
put plugins/three/plugin.yaml <<'X'
name: three
version: 0.3.1
usage: does three
description: A plugin of the old kind
command: "$HELM_PLUGIN_DIR/run.sh"
hooks:
  install: "echo installed in $HELM_PLUGIN_NAME"
  update: "echo updated"
  delete: "echo deleted"
X
put plugins/three/run.sh <<'X'
#!/bin/sh
echo "args: $*"; env | grep '^HELM' | grep -v HELM_BIN | sort; cat
exit ${CODE:-0}
X
put plugins/three/plugin.complete <<'X'
#!/bin/sh
echo "one two"
X
chmod 755 plugins/three/run.sh plugins/three/plugin.complete
h plugin install plugins/three
h plugin install plugins/three
h plugin list
h three a --flag x -n space --debug
printf 'given' | h three
CODE=7 h three
h three --help
h help three | sed 1,/Usage/d
h plugin update three
h plugin update none
h plugin update three one
h plugin uninstall none three
h plugin uninstall three
h plugin list
h three
h plugin install plugins/none
h plugin install plugins/two
h plugin list
sed -i 's/exit/nothing/;s/install: .*/install: "echo out; echo err >\&2; exit 3"/' plugins/three/plugin.yaml
h plugin install plugins/three
h plugin list
ls -la ../.local/share/helm/plugins | sed 's/.* \.\?//' | tail -n +4
h plugin uninstall three
h plugin install demo-0.1.0.tgz
h plugin install WEB/none.tar.gz
h plugin install WEB/plugin.tgz
h plugin install nowhere/at/all
h plugin install https://127.0.0.1:1/x.git

## plugins of Helm 3 with faults
mkdir -p plugins/bad
for text in 'name: a b' 'name: ""' 'x: [' 'name: ok' 'name: install' 'name: two
version: one' 'name: good
version: 1.0.0
command: "false"' 'name: good
version: 1.0.0
commands: yes' 'name: good
version: 1.0.0
platformCommand: [{os: linux, command: echo, args: [x]}]' 'name: good
version: 1.0.0
platformCommand: [{os: windows, command: echo}]
command: echo' 'name: good
version: 1.0.0
platformCommand: [{os: windows, command: echo}]' 'name: good
version: 1.0.0
downloaders: [{command: x, protocols: [a]}]' 'name: good
version: 1.0.0
unknown: field
command: echo hi' 'name: one
name: two'; do
printf '%s\n' "$text" >plugins/bad/plugin.yaml
h plugin install plugins/bad
h plugin list
h good x
rm -f ../.local/share/helm/plugins/bad
done

## plugins of Helm 4 (Helm 4)
put plugins/four/plugin.yaml <<'X'
apiVersion: v1
type: cli/v1
name: four
version: 1.0.0
runtime: subprocess
config:
  usage: four [flags]
  shortHelp: short words
  longHelp: long words
  ignoreFlags: false
runtimeConfig:
  platformCommand:
  - command: ${HELM_PLUGIN_DIR}/run.sh
    args: [fixed]
  platformHooks:
    install:
    - command: echo
      args: [installed, "$HELM_PLUGIN_NAME"]
    update:
    - command: sh
      args: ["-c", "exit 4"]
    delete:
    - command: echo
      args: [gone]
X
put plugins/four/run.sh <<'X'
#!/bin/sh
echo "args: $*"; env | grep '^HELM' | grep -v HELM_BIN | sort
exit 3
X
chmod 755 plugins/four/run.sh
h plugin install plugins/four
h plugin list
h plugin list --type cli/v1
h plugin list --type getter/v1
h plugin list --type none
h four a -b --namespace c
h four --help
h help four | sed 1,/Usage/d
h plugin update four
h plugin package plugins/four
h plugin package plugins/four --sign --key anna --keyring ring.gpg -d out
h plugin package plugins/four --sign=false -d out2
h plugin verify out/four-1.0.0.tgz --keyring ring.gpg
h plugin verify plugins/four --keyring ring.gpg
h plugin uninstall four
h plugin install out/four-1.0.0.tgz --keyring ring.gpg
h plugin list
h plugin uninstall four
printf x >>out/four-1.0.0.tgz
h plugin install out/four-1.0.0.tgz --keyring ring.gpg
h plugin install out/four-1.0.0.tgz --verify=false
h plugin verify out/four-1.0.0.tgz --keyring ring.gpg
h plugin install out2/four-1.0.0.tgz
h plugin install out2/four-1.0.0.tgz --verify=false
h plugin list

## plugins of Helm 4 with faults (Helm 4)
mkdir -p plugins/bad
for text in 'type: cli/v1' 'type: none/v1' 'type: cli/v1
runtime: none' 'type: cli/v1
runtime: subprocess
runtimeConfig: {platformCommand: [{command: echo}], command: x}' 'type: cli/v1
runtime: subprocess
unknown: x' 'type: getter/v1
runtime: subprocess
config: {protocols: []}' 'type: getter/v1
runtime: subprocess
config: {protocols: [a]}
runtimeConfig: {}' 'type: postrenderer/v1
runtime: subprocess
runtimeConfig: {platformCommand: [{command: cat}]}' 'type: cli/v1
runtime: subprocess
config: []' 'type: cli/v1
runtime: subprocess
runtimeConfig: text' 'type: cli/v1
runtime: subprocess
runtimeConfig: {platformCommand: text}' 'type: cli/v1
runtime: subprocess
config: {shortHelp: [a]}
runtimeConfig: {platformCommand: [{command: echo}]}' 'type: cli/v1
runtime: extism/v1
runtimeConfig:
  memory: {maxPages: text}' 'type: cli/v1
runtime: extism/v1
runtimeConfig:
  timeout: {}' 'type: cli/v1
runtime: extism/v1
runtimeConfig:
  allowedHosts: {a: b}' 'type: cli/v1
runtime: extism/v1
runtimeConfig:
  nothing: 1' 'type: cli/v1
runtime: extism/v1
runtimeConfig:
  fileSystem: []
  config: text'; do
printf 'apiVersion: v1\nname: good\nversion: 1.0.0\n%s\n' "$text" >plugins/bad/plugin.yaml
h plugin install plugins/bad
h plugin list
h good x
rm -f ../.local/share/helm/plugins/bad
done
printf 'apiVersion: v2\nname: good\n' >plugins/bad/plugin.yaml
h plugin install plugins/bad

## values from everywhere
printf 'a: {b: piped}\n' | h template x demo -f -
printf 'a: {b: piped}\n' | h template x demo -f - -f values.yaml
printf 'a: {b: piped}\n' | h template x demo -f values.yaml -f -
printf 'a: {b: piped}\n' | h template x demo -f - -f -
printf 'a: [\n' | h template x demo -f -
h template x demo -f - </dev/null
h template x demo -f WEB/values.yaml
h template x demo -f WEB/none.yaml
h template x demo -f WEB/broken/index.yaml
h template x demo -f WEB/binary
h template x demo -f http://127.0.0.1:1/v.yaml
h template x demo -f ftp://h/v.yaml
h template x demo -f file://$PWD/values.yaml
h template x demo -f values.yaml,broken.yaml
h template x demo -f '*.yaml'
h template x demo -f demo
h template x demo -f ''
h template x demo --set-file text=WEB/values.yaml
h template x demo --set-file text=WEB/none
printf '\377\376\000bin' >binary
h template x demo --set-file text=binary
h template x demo --set-file text=WEB/binary
h template x demo --set-file a=demo
printf 'a: {b: piped}\n' | h template x demo --set-file text=-
h template x demo --set-file 'text=values.yaml,a.b=binary'
h template x demo --set-file text
h template x demo --set text=@values.yaml
h template x demo --set-json '{"text":"y"}'
h template x demo --set-json '[1]'
h template x demo --set-json 'a={"b":2},text=3'
h lint demo -f WEB/values.yaml
printf 'a: {b: piped}\n' | h lint demo -f -

## post-renderers with arguments (Helm 3)
put render.sh <<'X'
#!/bin/sh
echo "# args: $*"; sed 's/kind: ConfigMap/kind: Changed/'
echo told >&2
exit ${CODE:-0}
X
chmod 755 render.sh
h template x demo --post-renderer ./render.sh
h template x demo --post-renderer ./render.sh --post-renderer-args a --post-renderer-args '-b c'
h template x demo --post-renderer ./render.sh --post-renderer-args a,b
h template x demo --post-renderer "$PWD/render.sh"
h template x demo --post-renderer render.sh
h template x demo --post-renderer sed --post-renderer-args s/x/y/
h template x demo --post-renderer true
h template x demo --post-renderer false
h template x demo --post-renderer values.yaml
h template x demo --post-renderer demo
h template x demo --post-renderer-args a
h template x demo --post-renderer cat --post-renderer cat
CODE=9 h template x demo --post-renderer ./render.sh

## post-renderers are plugins (Helm 4)
put plugins/change/plugin.yaml <<'X'
apiVersion: v1
type: postrenderer/v1
name: change
version: 1.0.0
runtime: subprocess
runtimeConfig:
  platformCommand:
  - command: ${HELM_PLUGIN_DIR}/render.sh
X
put plugins/change/render.sh <<'X'
#!/bin/sh
echo "# args: $*"; sed 's/kind: ConfigMap/kind: Changed/'
echo told >&2
exit ${CODE:-0}
X
chmod 755 plugins/change/render.sh
h plugin install plugins/change
h template x demo --post-renderer change
h template x demo --post-renderer change --post-renderer-args a --post-renderer-args '-b c'
h template x demo --post-renderer change --post-renderer-args a,b
h template x demo --post-renderer cat
h template x demo --post-renderer ./plugins/change/render.sh
h template x demo --post-renderer one
h template x demo --post-renderer-args a
h template x demo --post-renderer change --post-renderer change
CODE=9 h template x demo --post-renderer change
h change

## the environment, variable by variable
h env
for name in HELM_BIN HELM_BURST_LIMIT HELM_CACHE_HOME HELM_COLOR HELM_CONFIG_HOME HELM_CONTENT_CACHE HELM_DATA_HOME HELM_DEBUG HELM_DRIVER HELM_KUBEAPISERVER HELM_KUBEASGROUPS HELM_KUBEASUSER HELM_KUBECAFILE HELM_KUBECONTEXT HELM_KUBEINSECURE_SKIP_TLS_VERIFY HELM_KUBETLS_SERVER_NAME HELM_KUBETOKEN HELM_MAX_HISTORY HELM_NAMESPACE HELM_NO_PLUGINS HELM_PLUGINS HELM_QPS HELM_REGISTRY_CONFIG HELM_REPOSITORY_CACHE HELM_REPOSITORY_CONFIG NO_COLOR KUBECONFIG XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME; do
for value in '' 7 -1 1.5 true false x "$HOME/there" a,b; do
export $name="$value"
helm env >../all 2>../err; code=$?
echo "$name=$value: $code"; grep -v HELM_BIN ../all; cat ../err
unset $name
done
done
export HELM_BURST_LIMIT=5 HELM_CACHE_HOME=/tmp/no/c HELM_CONFIG_HOME=/tmp/no/f HELM_DATA_HOME=/tmp/no/d HELM_DEBUG=true HELM_KUBEAPISERVER=https://h HELM_KUBEASGROUPS=a,b HELM_KUBEASUSER=u HELM_KUBECAFILE=/c HELM_KUBECONTEXT=k HELM_KUBEINSECURE_SKIP_TLS_VERIFY=true HELM_KUBETLS_SERVER_NAME=s HELM_KUBETOKEN=t HELM_MAX_HISTORY=3 HELM_NAMESPACE=n HELM_QPS=2.5 HELM_REGISTRY_CONFIG=/r HELM_REPOSITORY_CACHE=/rc HELM_REPOSITORY_CONFIG=/rf
h env
h env HELM_NAMESPACE
h env HELM_QPS none
h env --namespace other --kube-context y --debug=false --qps 9

## the environment changes what commands do
HELM_NAMESPACE=space h template x demo -s templates/x.yaml
HELM_NAMESPACE=Bad_Space h template x demo -s templates/x.yaml
HELM_NAMESPACE=space h template x demo -s templates/x.yaml -n flag
HELM_DEBUG=1 h show chart demo
HELM_DEBUG=1 h template x broken
HELM_DEBUG=1 h pull known/demo
HELM_REPOSITORY_CONFIG=none h repo list
HELM_REPOSITORY_CONFIG=new.yaml h repo add a WEB
cat new.yaml
HELM_REPOSITORY_CACHE=cache h repo update
HELM_REPOSITORY_CACHE=cache h search repo demo
HELM_REPOSITORY_CACHE=nothing h search repo demo
HELM_PLUGINS=plugins h plugin list
HELM_PLUGINS=plugins:$HOME/.local/share/helm/plugins h plugin list
HELM_PLUGINS=plugins h two x
HELM_PLUGINS=none h plugin list
HELM_NO_PLUGINS=1 h plugin list
HELM_NO_PLUGINS=1 h one x
HELM_CACHE_HOME=c HELM_CONFIG_HOME=f HELM_DATA_HOME=d h repo add a WEB
HELM_CACHE_HOME=c HELM_CONFIG_HOME=f HELM_DATA_HOME=d h repo list
XDG_CACHE_HOME=xc XDG_CONFIG_HOME=xf XDG_DATA_HOME=xd h repo add a WEB
XDG_DATA_HOME=xd h create y -p demo
HELM_DRIVER=none h list
HELM_DRIVER=memory h list
HELM_DRIVER=memory h install x demo
HELM_KUBECONTEXT=none h list
HELM_KUBEAPISERVER=http://127.0.0.1:1 h list
HELM_BURST_LIMIT=x HELM_QPS=x h template x demo -s templates/x.yaml
HELM_MAX_HISTORY=x h template x demo -s templates/x.yaml
HELM_COLOR=always h lint demo
HELM_COLOR=none h lint demo
NO_COLOR=1 h lint demo
HOME= h repo list
HELM_REGISTRY_CONFIG=reg.json h registry login LOCKED -u me -p secret --plain-http
test -f reg.json && cat reg.json
HELM_REGISTRY_CONFIG=reg.json h registry logout LOCKED

## registry login
h registry login LOCKED -u me -p secret
h registry login LOCKED -u me -p wrong
h registry login LOCKED -u me -p secret --insecure
h registry login LOCKED -u '' -p secret
h registry login LOCKED -u me
printf 'secret' | h registry login LOCKED -u me --password-stdin
printf 'secret\n' | h registry login LOCKED -u me --password-stdin
printf 'secret' | h registry login LOCKED -u me -p secret --password-stdin
printf 'me\nsecret\n' | h registry login LOCKED
printf '' | h registry login LOCKED -u me
h registry login oci://LOCKED -u me -p secret
h registry login http://LOCKED -u me -p secret
h registry login LOCKED/path -u me -p secret
h registry login 127.0.0.1:1 -u me -p secret
h registry login none.invalid -u me -p secret
h registry login 'bad host' -u me -p secret
h registry login '' -u me -p secret
h registry login WEB -u me -p secret
h registry login REGISTRY -u me -p secret
cat ../.config/helm/registry/config.json | sed 's/"auth": .*/"auth": X/'
h push demo-0.1.0.tgz oci://LOCKED/mine --plain-http
h pull oci://LOCKED/mine/demo --plain-http
h registry logout LOCKED
h pull oci://LOCKED/mine/demo --plain-http
h pull oci://LOCKED/mine/demo --plain-http --username me --password secret
h pull oci://LOCKED/mine/demo --plain-http --username me --password bad
h push demo-0.1.0.tgz oci://LOCKED/mine --plain-http
h registry logout LOCKED
h registry logout none.invalid
h registry logout 'bad host'
h registry logout LOCKED/path
h registry logout oci://LOCKED

## registry login without TLS (Helm 4)
h registry login LOCKED -u me -p secret --plain-http
h registry login LOCKED -u me -p wrong --plain-http
h registry login REGISTRY -u me -p secret --plain-http
h registry login LOCKED/path -u me -p secret --plain-http
h registry login 127.0.0.1:1 -u me -p secret --plain-http
cat ../.config/helm/registry/config.json | sed 's/"auth": .*/"auth": X/'
h push demo-0.1.0.tgz oci://LOCKED/mine --plain-http
h pull oci://LOCKED/mine/demo --plain-http
h registry logout LOCKED
h registry logout LOCKED
h pull oci://LOCKED/mine/demo --plain-http

## push
h push demo-0.1.0.tgz oci://REGISTRY/p --plain-http
h push demo-0.1.0.tgz oci://REGISTRY/p/ --plain-http
h push demo-0.1.0.tgz oci://REGISTRY --plain-http
h push demo-0.1.0.tgz oci://REGISTRY/P_x --plain-http
h push demo-0.1.0.tgz oci://REGISTRY/p:tag --plain-http
h push demo-0.1.0.tgz oci://REGISTRY/p/demo:0.1.0 --plain-http
h push demo-0.1.0.tgz WEB
h push demo-0.1.0.tgz REGISTRY/p
h push demo oci://REGISTRY/p --plain-http
h push none.tgz oci://REGISTRY/p --plain-http
h push values.yaml oci://REGISTRY/p --plain-http
h push signed-0.1.0.tgz oci://REGISTRY/p --plain-http
h pull oci://REGISTRY/p/signed --plain-http --prov -d got
h pull oci://REGISTRY/p/signed --plain-http --verify --keyring ring.gpg -d got
h pull oci://REGISTRY/p/signed --plain-http --verify --keyring rings.gpg -d got
cp demo-0.1.0.tgz renamed.tgz
h push renamed.tgz oci://REGISTRY/p --plain-http
h push demo-0.1.0.tgz oci://127.0.0.1:1/p --plain-http
h push demo-0.1.0.tgz oci://REGISTRY/p
h push demo-0.1.0.tgz

## pull
h pull known/demo
h pull known/demo --version 0.1.0 --untar
h pull known/demo --untar --untardir there
h pull known/demo --untar --untardir there
h pull known/demo --devel -d here
h pull known/demo --version '>0-0' -d here
h pull known/demo --version 0.2 -d here
h pull known/demo -d none
h pull known/demo --prov
h pull known/demo --verify
h pull demo --repo WEB/more --version ~1.0
h pull demo --repo WEB/more
h pull WEB/demo-0.1.0.tgz WEB/more/other-1.2.3.tgz
h pull WEB/none.tgz
h pull WEB/index.yaml
h pull WEB/demo-0.1.0.tgz --untar
h pull WEB/values.yaml --untar --untardir v
h pull known/demo known/none
h pull known
h pull demo
h pull ''
h pull /etc/passwd
h pull demo --repo WEB/more --untar --untardir more --version 1.0.0
h pull other --repo WEB/more --version 1.2.3+build.7
ls -R here there more

## package
h package demo broken
h package demo --version 1.2.3+meta --app-version 9
h package demo --version v1.2.3
h package demo --version 1.2
h package demo --version bad
h package demo --version ''
h package demo -d new/folder
h package demo -d values.yaml
h package demo-0.1.0.tgz
h package none
h package
h package parent
h package parent -u
h package parent --dependency-update --version 2.0.0
h package demo/
cd demo; h package .; cd ..
put demo/.helmignore <<X
README.md
/crds/
*.txt
!keep.txt
# a comment
X
echo keep >demo/keep.txt; echo no >demo/no.txt
h package demo --version 3.0.0
put demo/.helmignore <<X
**/x
X
h package demo --version 3.0.0
rm demo/.helmignore; ln -s ../values.yaml demo/linked.yaml; ln -s ../two demo/dangling
h package demo --version 4.0.0
put demo/Chart.yaml <<X
apiVersion: v2
name: demo
version: 0.1.0
type: library
X
h package demo
h template x demo
h lint demo
put demo/Chart.yaml <<X
apiVersion: v1
name: demo
version: 0.1.0
type: library
dependencies: [{name: x, version: 1, repository: y}]
X
h package demo
h lint demo
h show chart demo
put demo/Chart.yaml <<X
name: demo
X
h package demo
h show chart demo
h template x demo
h lint demo
put demo/Chart.yaml <<X
apiVersion: v9
name: demo/x
version: 1
X
h package demo
h show chart demo
h lint demo

## repo index
h repo index packages
cat packages/index.yaml | grep -v created
h repo index packages --url WEB/x/ --merge packages/index.yaml
h repo index packages --json
h repo index none
h repo index .
cat index.yaml | grep -c digest
h repo index demo-0.1.0.tgz
mkdir -p deep/a/b/c; cp demo-0.1.0.tgz deep/a; cp demo-0.1.0.tgz deep/a/b/c; cp signed-0.1.0.tgz deep
h repo index deep --url https://h/y
cat deep/index.yaml | grep -v created
printf x >deep/bad-0.1.0.tgz
h repo index deep
h repo index packages --merge none.yaml
h repo index packages --merge broken.yaml
h repo index packages --merge demo-0.1.0.tgz
h repo index packages --url 'not an address'
h repo index packages --url ''
h package demo --version 0.3.0 -d packages; h package demo --version 0.2.0+b -d packages; h package demo --version 0.2.0-a -d packages
h repo index packages
cat packages/index.yaml | grep version

## template in Helm's own ways
h template demo
h template x demo --dry-run=server
h template x demo --dry-run=client
h template x demo --dry-run
h template x demo --validate
h template x demo --is-upgrade --no-hooks --include-crds
h template x demo --output-dir out --release-name
h template x demo --output-dir out
h template x demo -s templates/none.yaml
h template x demo -s templates/NOTES.txt
h template x demo -s 'templates/*.yaml' -s crds/c.yaml
h template x demo --kube-version 1.16 --api-versions a/v1
h template x demo --name-template 'n-{{ randAlpha 0 }}' 
h template --generate-name demo -s templates/x.yaml | sed 's/demo-[0-9]*/N/'
h template Bad_Name demo
h template x demo y
h template
h template x demo --set a.b=1 --debug
h template x broken --debug
put demo/templates/z.yaml <<'X'
a: {{ (lookup "v1" "Namespace" "" "default").metadata | toJson }}
b: {{ lookup "v1" "Pod" "" "" | toJson }}
X
h template x demo
h template x demo --dry-run=server
h template x demo --validate
h template x demo --dry-run=server --kube-apiserver http://127.0.0.1:1

## completion scripts and their flags
for shell in bash zsh fish powershell; do
h completion $shell --no-descriptions
h completion $shell
done
h completion
h completion none
h completion bash extra
h completion bash --none

## help and unknown words
for line in '' help --help 'help none' 'help repo' 'help repo add' none 'repo none' repo 'repo h' insatll 'repo ad' '-h none' 'repo -h add' 'help help' 'help -h' 'version extra'; do
helm $line >../out 2>../err; echo "= $? $line"
grep -v sandbox ../out ../err | sed '1,/Usage:/d'; head -1 ../err
done
h version --short
h version --template '{{.Version}}|{{.GoVersion}}'
