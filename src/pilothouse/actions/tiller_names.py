"""Names that Tiller makes up for releases: an adjective and an animal."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES = _words(
    """
    agile amber ample ancient arctic autumn azure balanced bold brave breezy bright brisk bronze calm candid
    careful cheerful chilly civil clear clever coastal cobalt copper cosmic cozy crisp curious daring dapper deep
    deft distant dusty eager early earnest elegant even fabled fair faithful famous fearless fleet fluent fond
    frosty gentle gilded glad golden graceful grand green hardy hasty hearty hidden honest humble icy idle inland
    iron ivory jade jaunty jolly keen kind lasting lively loyal lucid lucky lunar mellow merry mighty mild misty
    modest mossy nautical neat nimble noble northern novel olive opal open orderly pale patient placid plucky
    polar polite prime proud quick quiet radiant rapid ready roaming robust rosy royal ruby rustic sandy serene
    sharp silent silver sincere sleek smooth snowy solar solid southern spry steady stellar still stout sturdy
    subtle summer sunny swift tidy timely tranquil trusty upbeat valiant vast velvet vivid wandering warm watchful
    western wild winter wise witty yellow young zealous zesty
    """
)
ANIMALS = _words(
    """
    albatross alpaca antelope badger barracuda bat bear beaver beetle bison boar bobcat buffalo camel caribou carp
    cat cheetah chipmunk clam cobra cod condor coral cormorant cougar coyote crab crane cricket crow deer dingo
    dolphin donkey dove duck eagle eel egret elk emu falcon ferret finch firefly flamingo fox frog gannet gazelle
    gecko gibbon giraffe goat goose gorilla grouse gull hamster hare hawk hedgehog heron herring hornet horse
    hyena ibex ibis iguana impala jackal jaguar jay jellyfish kestrel koala kiwi lark lemming lemur leopard lion
    lizard llama lobster lynx macaw magpie manatee mandrill marlin marmot marten meerkat mink mole mongoose moose
    moth mouse mule narwhal newt nightingale ocelot octopus orca oriole osprey ostrich otter owl ox oyster panda
    panther parrot peacock pelican penguin pigeon pike plover pony porcupine porpoise puffin puma quail rabbit
    raccoon raven reindeer robin rook salmon sardine seahorse seal shark sheep shrew shrimp skunk sloth snail
    sparrow squid squirrel starfish starling stork sturgeon swallow swan tapir termite tern tiger toad tortoise
    toucan trout turkey turtle viper vole vulture wallaby walrus warbler weasel whale wolf wolverine wombat
    woodpecker wren yak zebra
    """
)


def make_name(entropy: Callable[[int], bytes]) -> str:
    """Return a name such as ``steady-puffin``.

    Args:
        entropy: Returns that many random bytes.
    """
    number = int.from_bytes(entropy(8), "big")
    number, animal = divmod(number, len(ANIMALS))
    return f"{ADJECTIVES[number % len(ADJECTIVES)]}-{ANIMALS[animal]}"
