"""IAM: the audiences of an OIDC provider can be added to, which moto does not know."""

from moto.core.responses import EmptyResult
from moto.iam.responses import IamResponse


def add_client_id(response):
    provider = response.backend.get_open_id_connect_provider(response._get_param("OpenIDConnectProviderArn"))
    client_id = response._get_param("ClientID")
    if client_id not in provider.client_id_list:
        provider.client_id_list.append(client_id)
    return EmptyResult()


def install():
    IamResponse.add_client_id_to_open_id_connect_provider = add_client_id
