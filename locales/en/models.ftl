## What is wrong with an order

model-off = <b>{ $model }</b> is out of service just now. Choose another model: /generate
model-retired = <code>{ $model }</code> isn’t offered any more; <code>{ $instead }</code> takes its place: /generate
model-no-more = <code>{ $model }</code> isn’t offered any more. Choose another model: /generate
model-misspelt = There is no model <code>{ $model }</code>. Did you mean <code>{ $nearest }</code>? All models: /generate
prompt-too-short = That’s too little: { $length }, and this model needs at least { $limit ->
    [one] { $limit } character
   *[other] { $limit } characters
}. Please say more and send it again.
input-unknown = This model has no use for files as <code>{ $field }</code>. Start again with /generate.
input-missing =
    Something is missing that this model works from: “{ $role ->
       *[image] { media-role-image }
        [first_frame] { media-role-first-frame }
        [last_frame] { media-role-last-frame }
        [reference] { media-role-reference }
        [mask] { media-role-mask }
        [video] { media-role-video }
        [reference_video] { media-role-reference-video }
        [audio] { media-role-audio }
    }”.
    Files needed: { $least }, given: { $count }.
input-too-many =
    These are more files than this model takes as “{ $role ->
       *[image] { media-role-image }
        [first_frame] { media-role-first-frame }
        [last_frame] { media-role-last-frame }
        [reference] { media-role-reference }
        [mask] { media-role-mask }
        [video] { media-role-video }
        [reference_video] { media-role-reference-video }
        [audio] { media-role-audio }
    }”.
    Files possible: { $most }, given: { $count }.
inputs-one-of = This model needs at least one of these: <code>{ $fields }</code>. Start again with /generate.
inputs-exclusive = This model takes only one of these at a time: <code>{ $fields }</code>. Start again with /generate.
options-forbidden = This model cannot do these together: <code>{ $options }</code>. Please change one of them.
moment-beyond = That moment lies beyond the end: it is { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
} long. Choose an earlier one.
moment-too-near = { $least ->
    [0] The end has to come after the beginning.
    [one] The end has to come at least { $least } second after the beginning.
   *[other] The end has to come at least { $least } seconds after the beginning.
}
source-missing = This model goes on from a finished result: press its button below one. Nothing was charged.
source-gone = The result that this was to go on from is not in your history any more. Nothing was charged.
source-unfit = This model can’t go on from that result. Nothing was charged.
source-too-old = One can go on from a result for { $days ->
    [one] { $days } day
   *[other] { $days } days
}, and this one is older. Nothing was charged.

## What can be made of a finished result by the service that made it

source-extend = ⏩ Extend
source-extend-question = What happens next? Describe it in words
source-extend-song = ⏩ Extend
source-extend-song-question = Write the words that are sung next, or go on without
source-extend-music = ⏩ Extend
source-extend-music-question = Describe how the music goes on, or go on without
source-full-hd = 📺 In 1080p
source-ultra-hd = 🖥 In 4K
source-sharper = 🔍 Higher resolution
source-retouch = ✏️ Change by words
source-retouch-question = What is to change? Describe it in words
source-replace-part = ✂️ Replace a part
source-replace-part-question = Write the new words of the part
source-wav = 💿 Get WAV
source-music-video = 🎬 Music video
source-separate-voice = 🎤 Separate the voice

## What given files are for

media-role-image = Image
media-role-first-frame = First frame
media-role-last-frame = Last frame
media-role-reference = Reference image
media-role-mask = Mask
media-role-video = Video
media-role-reference-video = Reference video
media-role-audio = Audio

## What there is to choose

option-acceleration = Speed-up
option-aspect-ratio = Shape
option-audio = Sound
option-audio-setting = Sound of the result
option-audio-weight = Weight of the given sound
option-author = Name of the author
option-background = Background
option-background-source = Background from
option-camera-fixed = Fixed camera
option-cfg-scale = Closeness to the prompt
option-character-orientation = Character turned as in
option-continue-at = Go on from second
option-enable-pro = Better quality
option-enable-prompt-expansion = Extend the prompt
option-enhance-prompt = Improve the prompt
option-expand-prompt = Extend the prompt
option-extend-at = Go on from second
option-extend-prompt = Extend the prompt
option-extend-times = Seconds more
option-fixed-lens = Fixed camera
option-full-lyrics = All words of the song, with the new ones
option-generate-audio = Sound
option-generate-audio-switch = Sound
option-generate-multi-clip-switch = Several shots
option-guidance-scale = Closeness to the prompt
option-image-prompt-strength = Weight of the reference image
option-image-resolution = Resolution
option-image-size = Shape
option-infill-end-s = New part: to second
option-infill-start-s = New part: from second
option-instrumental = Without vocals
option-max-images = How many at most
option-mode = Mode
option-model = Version
option-negative-prompt = What to avoid
option-negative-tags = Styles to avoid
option-num-images = How many
option-num-inference-steps = Steps
option-open-scenedet = Find scenes
option-output-format = File format
option-output-quality = Quality of the file
option-output-resolution = Resolution
option-pe-fast-mode = Quicker
option-prompt-extend = Extend the prompt
option-prompt-optimizer = Improve the prompt
option-prompt-upsampling = Extend the prompt
option-quality = Quality
option-ratio = Shape
option-raw = Less processed look
option-rendering-speed = Speed or quality
option-safety-tolerance = Tolerance of the safety filter
option-seed = Seed (a number)
option-separate-vocal = Separate the voice
option-shift = Shift
option-similarity-boost = Likeness of the voice
option-size = Shape
option-skip-face-enhance = Leave faces as they are
option-sound = Sound
option-sound-key = Musical key
option-sound-loop = To be looped
option-sound-tempo = Tempo (beats a minute)
option-speed = Speed
option-stability = Steadiness of the voice
option-strength = Strength of the change
option-style = Style
option-style-weight = Weight of the style
option-tags = Style
option-thinking-mode = Think first
option-title = Title
option-upscale-factor = How many times larger
option-vocal-gender = Voice
option-voice = Voice
option-weirdness-constraint = Weirdness

## How values are called

value-true = Yes
value-false = No
value-numbered = No. { $number }
value-adaptive = To fit what is given
value-auto = Automatic
value-balanced = Balanced
value-basic = Basic
value-character-orientation-image = The picture
value-character-orientation-video = The video
value-design = Design
value-fiction = Fiction
value-fun = Fun
value-general = General
value-high = High
value-input-image = The picture
value-input-video = The video
value-landscape-16-9 = Landscape 16:9
value-landscape-21-9 = Landscape 21:9
value-landscape-3-2 = Landscape 3:2
value-landscape-4-3 = Landscape 4:3
value-lite = Lite
value-medium = Medium
value-none = None
value-normal = Normal
value-opaque = Opaque
value-origin = As in the original
value-output-resolution-1080 = 1080p
value-output-resolution-720 = 720p
value-portrait-16-9 = Portrait 9:16
value-portrait-3-2 = Portrait 2:3
value-portrait-4-3 = Portrait 3:4
value-pro = Pro
value-quality = Best quality
value-realistic = Realistic
value-regular = Regular
value-square = Square
value-square-hd = Square HD
value-std = Standard
value-transparent = Transparent
value-turbo = Fast
value-ultra = Ultra
value-vocal-gender-f = Female
value-vocal-gender-m = Male

## Options on buttons

options-previous = ‹ Back
options-allowed-any = a few words
options-allowed-number = a number
options-allowed-number-between = a number from { $least } to { $most }
options-allowed-number-least = a number, { $least } or more
options-allowed-number-most = a number, { $most } or less
options-allowed-text = a text of up to { $longest ->
    [one] { $longest } character
   *[other] { $longest } characters
}
options-allowed-whole = a whole number
options-allowed-whole-between = a whole number from { $least } to { $most }
options-allowed-whole-least = a whole number, { $least } or more
options-allowed-whole-most = a whole number, { $most } or less
options-ask = <b>{ $option }</b>: write { $allowed }.
options-back = ↩️ Back to the options
options-choose = <b>{ $option }</b>: what shall it be?
options-chosen = • { $value }
options-line = { $option }: { $value }
options-more = More ›
options-no-value = not set
options-refused = That’s not possible here. <b>{ $option }</b>: write { $allowed }.
options-usual = Leave it as usual
