"""What ``helm --help`` says in Helm 2's dialect."""

LONG = """The Kubernetes package manager

Install Tiller, Helm's server, into the cluster of the kubeconfig, and set up
this machine for it:

	$ helm init

The commands used most after that:

- helm search:    find charts
- helm fetch:     fetch a chart into a local directory to look at it
- helm install:   send a chart to the cluster
- helm list:      show the releases of charts

Variables that Helm reads:

- $HELM_HOME:           folder of Helm's files (default ~/.helm)
- $HELM_HOST:           address of Tiller, host:port; without it, Tiller is found in the cluster
- $HELM_NO_PLUGINS:     1 loads no plugins
- $TILLER_NAMESPACE:    namespace of Tiller (default "kube-system")
- $KUBECONFIG:          Kubernetes configuration (default "~/.kube/config")
- $HELM_TLS_CA_CERT:    certificate authority of Tiller's certificate (default "$HELM_HOME/ca.pem")
- $HELM_TLS_CERT:       client's certificate (default "$HELM_HOME/cert.pem")
- $HELM_TLS_KEY:        client's key (default "$HELM_HOME/key.pem")
- $HELM_TLS_ENABLE:     whether TLS is used (default "false")
- $HELM_TLS_VERIFY:     whether TLS is used and Tiller's certificate checked (default "false")
- $HELM_TLS_HOSTNAME:   name expected in Tiller's certificate (default "127.0.0.1")
- $HELM_KEY_PASSPHRASE: passphrase of the key that signs charts
- $HELM_COMPAT:         2 for this dialect, 3 or 4 for those of later Helms
"""
