## What is wrong with an order

model-off = <b>{ $model }</b> is out of service just now. Choose another model: /generate
model-retired = <code>{ $model }</code> isn’t offered any more; <code>{ $instead }</code> takes its place: /generate
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

## What given files are for

media-role-image = Image
media-role-first-frame = First frame
media-role-last-frame = Last frame
media-role-reference = Reference image
media-role-mask = Mask
media-role-video = Video
media-role-reference-video = Reference video
media-role-audio = Audio
